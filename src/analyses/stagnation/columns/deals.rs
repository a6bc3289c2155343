//! The `stagnation` table: one row per open deal, the worst first.

use std::borrow::Cow;
use std::cmp::Reverse;

use arrow::error::ArrowError;

use crate::analyses::stagnation::rows::{Stagnation, StagnationRow};
use crate::analyses::stagnation::status::{StagnationStatus, StatusChange};
use crate::ingest::tables::{Tables, Words};
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::invariants::{Invariant, Repeats};
use crate::report::table::Table;
use crate::snapshot::Snapshot;
use crate::timeline::{DealHead, Timeline};

/// The names behind the codes of the rows.
struct Names<'a> {
    stagnation: &'a Stagnation,
    tables: &'a Tables,
    timeline: &'a Timeline,
    snapshot: &'a Snapshot,
    accounts: Option<Words<'a>>,
}

/// A row of `stagnation` with the names behind its codes.
pub struct StagnationLine<'a> {
    row: &'a StagnationRow,
    names: &'a Names<'a>,
}

impl StagnationLine<'_> {
    fn deal(&self) -> &DealHead {
        self.names.timeline.head(self.row.deal)
    }

    fn id(&self) -> Option<Cow<'_, str>> {
        self.names.tables.deals.id(self.deal().row).map(Cow::from)
    }

    fn name(&self) -> Option<Cow<'_, str>> {
        self.names.tables.deals.name(self.deal().row).map(Cow::from)
    }

    fn account(&self) -> Option<Cow<'_, str>> {
        self.names.accounts?.name(self.deal().row).map(Cow::from)
    }

    fn pipeline(&self) -> Option<Cow<'_, str>> {
        self.names.tables.deals.pipeline_names().name(self.deal().pipeline).map(Cow::from)
    }

    fn amount(&self) -> Option<MoneyCell> {
        let minor = self.row.amount_minor.get()?;
        Some(MoneyCell::new(minor, self.names.tables.decimals_of(self.row.currency)))
    }

    fn benchmark_of(&self) -> String {
        self.names.stagnation.benchmarks.whose(self.names.snapshot.state(self.row.deal))
    }
}

/// What always holds of `stagnation`.
const INVARIANTS: &[Invariant] = &[
    Invariant::Key(&["deal_id"]),
    Invariant::Repeats(Repeats { table: "scores", by: &["deal_id"], only: None, columns: &[], every: true }),
];

/// The columns of `stagnation`.
#[must_use]
pub fn spec<'a>() -> TableSpec<StagnationLine<'a>> {
    type Line<'a> = StagnationLine<'a>;
    TableSpec::new(
        "stagnation",
        "open deal",
        vec![
            Column::text("deal_id", "id of the deal", StagnationLine::id),
            Column::text("owner", "who works on the deal", |line: &Line<'_>| {
                line.names.tables.owners.name(line.row.owner).map(Cow::from)
            })
            .empty("the deal has no owner"),
            Column::text("stage", "stage of the deal as of the day", |line: &Line<'_>| {
                Some(line.names.timeline.stages.name(line.row.stage).into())
            }),
            Column::integer(
                "days_in_stage",
                "full days since the deal entered its stage; since it was created where `basis` is age",
                |line: &Line<'_>| line.row.days_in_stage.map(i64::from),
            )
            .unit("days")
            .empty("nobody knows since when"),
            Column::number(
                "percentile",
                "share of the stays that went on to advance that were shorter",
                |line: &Line<'_>| line.row.percentile,
            )
            .between(0, 100)
            .empty("no stay has advanced yet"),
            Column::number(
                "advance_30d",
                "chance to advance within 30 days, given the days so far",
                |line: &Line<'_>| line.row.advance_30d,
            )
            .between(0, 1)
            .empty("no stay lasted this long, or none has ended"),
            Column::date("stalled_since", "first day on which the deal counted as stalled", |line: &Line<'_>| {
                line.row.stalled_since
            })
            .empty("the deal is not stalled"),
            Column::text("status", "days_in_stage against the benchmark", |line: &Line<'_>| {
                Some(line.row.status.name().into())
            })
            .one_of(&["on pace", "slow", "stalled"]),
            Column::money("amount", "amount as of the day", StagnationLine::amount).empty("the deal has no amount"),
            Column::text("currency", "currency of the amount", |line: &Line<'_>| {
                line.names.tables.currencies.name(line.row.currency).map(Cow::from)
            })
            .unit("ISO 4217"),
            Column::number("lost_30d", "chance to be lost within 30 days, given the days so far", |line: &Line<'_>| {
                line.row.lost_30d
            })
            .between(0, 1)
            .empty("no stay lasted this long, or none has ended"),
            Column::integer("benchmark_days", "median days of the stays that advance", |line: &Line<'_>| {
                line.row.benchmark_days.map(i64::from)
            })
            .unit("days")
            .empty("no stay has advanced yet"),
            Column::text(
                "basis",
                "what the days count from: the deal entered its stage, or was created (age) where the stage \
                 has no history",
                |line: &Line<'_>| Some(if line.row.stage_tracked { "stage" } else { "age" }.into()),
            )
            .one_of(&["stage", "age"]),
            Column::text(
                "benchmark_of",
                "whose stays the deal is compared with: stage, all stages (too few in this one), \
                 `column=value` (shrunk towards the stage's) or age",
                |line: &Line<'_>| Some(line.benchmark_of().into()),
            ),
            Column::date(
                "next_review",
                "next day to look at the deal: it would become slow or stalled, or half of those like it would \
                 have left; today if it is stalled",
                |line: &Line<'_>| line.row.next_review,
            )
            .empty("nothing is known to happen"),
            Column::text("previous_status", "status on the reference day by today's benchmark", |line: &Line<'_>| {
                line.row.previous.map(|status| StagnationStatus::name(status).into())
            })
            .one_of(&["on pace", "slow", "stalled"])
            .empty("the deal was not open then, or there is no reference day"),
            Column::text("change", "what changed since the reference day", |line: &Line<'_>| {
                line.row.change.map(|change| StatusChange::name(change).into())
            })
            .one_of(&["new", "newly slow", "newly stalled", "no longer stalled", "unchanged"])
            .empty("there is no reference day"),
            Column::text("pipeline", "pipeline of the deal", StagnationLine::pipeline).empty("the deal has none"),
            Column::text("name", "name of the deal", StagnationLine::name).empty("the deal has none"),
            Column::text("account", "customer", StagnationLine::account).empty("the deal names none"),
        ],
    )
    .holds(INVARIANTS)
}

/// `stagnation` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(
    stagnation: &Stagnation,
    tables: &Tables,
    timeline: &Timeline,
    snapshot: &Snapshot,
) -> Result<Table, ArrowError> {
    let names = Names { stagnation, tables, timeline, snapshot, accounts: tables.deals.account() };
    let mut lines: Vec<StagnationLine<'_>> =
        stagnation.rows.iter().map(|row| StagnationLine { row, names: &names }).collect();
    lines.sort_by_key(|line| (Reverse((line.row.status, line.row.days_in_stage)), line.row.deal));
    let scale = lines.iter().map(|line| tables.decimals_of(line.row.currency)).max().unwrap_or(2);
    spec().table(&lines, scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::stagnation::benchmarks::StageBenchmarks;
    use crate::config::StagnationConfig;
    use crate::domain::day::Day;
    use crate::domain::ids::{CurrencyId, DealIx, StageId};
    use crate::domain::maybe::Maybe;
    use crate::report::fixtures::assert_row;
    use crate::timeline::fixtures::World;

    /// An open deal in Demo with everything a table can say of it.
    fn world() -> (Tables, Timeline) {
        let mut world = World::default().deal("d1", 0, "Demo").pipeline("Direct").moved(0, "New").moved(5, "Demo");
        let deal = &mut world.deals[0];
        (deal.name, deal.owner) = (Some("Big deal".to_owned()), Some("ann".to_owned()));
        deal.extras = vec![("account".to_owned(), Some("Acme".to_owned()))];
        let world = world.logged(6, |row| row.owner = Some("ann"));
        (world.tables(), world.timeline(40))
    }

    fn row(timeline: &Timeline, tables: &Tables) -> StagnationRow {
        StagnationRow {
            deal: DealIx::at(0),
            owner: tables.owners.code("ann").expect("an owner").into(),
            stage: timeline.stages.position("Demo").expect("a stage").into(),
            stage_tracked: true,
            days_in_stage: Some(35),
            percentile: Some(97.5),
            advance_30d: Some(0.25),
            lost_30d: Some(0.5),
            benchmark_days: Some(12),
            stalled_since: Some(Day(30)),
            status: StagnationStatus::Stalled,
            next_review: Some(Day(40)),
            previous: Some(StagnationStatus::Slow),
            previous_stage: Some(StageId::at(0).into()),
            change: Some(StatusChange::NewlyStalled),
            amount_minor: 12_345.into(),
            currency: CurrencyId::at(0),
        }
    }

    fn table_of(row: StagnationRow, tables: &Tables, timeline: &Timeline) -> Table {
        let benchmarks = StageBenchmarks::learn(timeline, &timeline.stays(), &StagnationConfig::default(), &[]);
        let stagnation = Stagnation { as_of: Day(40), rows: vec![row], previous: None, closed: Vec::new(), benchmarks };
        table(&stagnation, tables, timeline, &Snapshot::of(timeline)).expect("a table")
    }

    #[test]
    fn every_column_shows_its_own_field() {
        let (tables, timeline) = world();
        let expected = [
            ("deal_id", "d1"),
            ("owner", "ann"),
            ("stage", "Demo"),
            ("days_in_stage", "35"),
            ("percentile", "97.5"),
            ("advance_30d", "0.25"),
            ("stalled_since", "1970-01-31"),
            ("status", "stalled"),
            ("amount", "123.45"),
            ("currency", "USD"),
            ("lost_30d", "0.5"),
            ("benchmark_days", "12"),
            ("basis", "stage"),
            ("benchmark_of", "all stages"),
            ("next_review", "1970-02-10"),
            ("previous_status", "slow"),
            ("change", "newly stalled"),
            ("pipeline", "Direct"),
            ("name", "Big deal"),
            ("account", "Acme"),
        ];
        assert_row(&table_of(row(&timeline, &tables), &tables, &timeline), 0, &expected);
    }

    #[test]
    fn what_is_not_known_is_empty() {
        let (tables, timeline) = world();
        let row = StagnationRow {
            owner: Maybe::NONE,
            stage_tracked: false,
            days_in_stage: None,
            percentile: None,
            advance_30d: None,
            lost_30d: None,
            benchmark_days: None,
            stalled_since: None,
            next_review: None,
            previous: None,
            change: None,
            amount_minor: Maybe::NONE,
            ..row(&timeline, &tables)
        };
        let cells = crate::report::fixtures::cells(&table_of(row, &tables, &timeline), 0);
        let filled: Vec<&str> = cells.iter().filter(|(_, cell)| !cell.is_empty()).map(|(name, _)| &**name).collect();
        assert_eq!(
            filled,
            ["deal_id", "stage", "status", "currency", "basis", "benchmark_of", "pipeline", "name", "account"]
        );
    }
}
