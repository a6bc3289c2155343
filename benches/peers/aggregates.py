"""The aggregates a user would ask of DuckDB instead: funnel counts and quota, won and gap per owner and quarter.

    python aggregates.py WORLD OUT_DIR
"""

import sys
from pathlib import Path

import duckdb

FUNNEL = """
with moves as (
  select deal_id, stage, changed_at,
         lag(stage) over (partition by deal_id order by changed_at) as before
  from history where stage is not null
), entries as (
  select deal_id, stage, min(changed_at) as entered from moves where before is distinct from stage group by all
), exits as (
  select e.*, lead(entered) over (partition by deal_id order by entered) as left_at from entries e
)
select stage, count(*) as entered, count(left_at) as left_it, median(date_diff('day', entered, left_at)) as median_days
from exits group by stage order by stage
"""

QUOTA = """
with won as (
  select owner, year(closed_at) || '-Q' || quarter(closed_at) as period, currency, sum(amount) as won, count(*) as deals
  from deals where status = 'won' group by all
), target as (
  select owner, case when period like '%Q%' then period
                     else substr(period, 1, 4) || '-Q' || ((cast(substr(period, 6, 2) as int) + 2) // 3) end as period,
         sum(quota) as quota
  from quotas where owner is not null group by all
)
select coalesce(t.owner, w.owner) as owner, coalesce(t.period, w.period) as period, w.currency, quota, won,
       quota - coalesce(won, 0) as gap
from target t full join won w on t.owner = w.owner and t.period = w.period order by all
"""


def main() -> None:
    world, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    base = duckdb.connect()
    for table, name in [("deals", "deals"), ("history", "stage_history"), ("quotas", "quotas")]:
        base.execute(f"create table {table} as from read_csv('{world}/{name}.csv', sample_size = -1)")
    base.sql(FUNNEL).write_csv(str(out / "funnel.csv"))
    base.sql(QUOTA).write_csv(str(out / "quota.csv"))


if __name__ == "__main__":
    main()
