//! Sources by hand: exact sums, costs, campaigns, leads, touches, and what is expected of open deals.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::chance::WHOLE;
use super::credit::{Attribution, NO_TOUCH};
use super::input::{SourcesBy, SourcesInput};
use super::rows::{SourceRow, Sources};
use super::sum_up::sources;
use crate::books::deal_values::DealValues;
use crate::books::leads::LeadLives;
use crate::config::Config;
use crate::domain::day::{Day, MICROS_PER_DAY, Moment};
use crate::domain::ids::RowIx;
use crate::domain::maybe::Maybe;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::stage::{Phase, Stage, StageKind};
use crate::ingest::tables::{CampaignCost, DealRow, LeadEnd, Tables};
use crate::snapshot::Snapshot;
use crate::stats::survival::wilson;
use crate::timeline::Timeline;

/// 2025-04-02; day 20,100 is 2025-01-12.
const AS_OF: Day = Day(20_180);

fn won(id: &str, source: Option<&str>, amount_minor: i64) -> DealRow {
    DealRow {
        deal_id: id.to_owned(),
        stage: "Won".to_owned(),
        status: Some(StageKind::Won),
        created_at: 20_100 * MICROS_PER_DAY,
        closed_at: Some(20_110 * MICROS_PER_DAY),
        amount_minor: Some(amount_minor),
        source: source.map(str::to_owned),
        ..DealRow::default()
    }
}

fn open(id: &str, source: Option<&str>, created: i64, amount_minor: i64) -> DealRow {
    DealRow {
        stage: "Open".to_owned(),
        status: Some(StageKind::Open),
        created_at: created * MICROS_PER_DAY,
        closed_at: None,
        ..won(id, source, amount_minor)
    }
}

fn lost(id: &str, source: Option<&str>, created: i64, closed: i64) -> DealRow {
    DealRow {
        stage: "Lost".to_owned(),
        status: Some(StageKind::Lost),
        created_at: created * MICROS_PER_DAY,
        closed_at: Some(closed * MICROS_PER_DAY),
        ..won(id, source, 999)
    }
}

/// A world of deals to which leads, touches and costs can be added.
struct World(Tables);

impl World {
    fn of(rows: &[DealRow]) -> Self {
        Self(Tables::from_deals(rows).expect("a frame"))
    }

    fn cost(mut self, source: &str, campaign: Option<&str>, period: &str, cost_minor: i64, currency: &str) -> Self {
        let period = FiscalCalendar::default().parse(period).expect("a period");
        let currency = self.0.currency(currency);
        let (source, campaign) = (source.to_owned(), campaign.map(str::to_owned));
        self.0.campaign_costs.push(CampaignCost { source, campaign, period, cost_minor, currency });
        self
    }

    /// A lead created on `created`, which became the deal in row `deal` on `ended`, or ended without one, or is open.
    fn lead(mut self, source: &str, created: i64, deal: Option<usize>, ended: Option<i64>) -> Self {
        let leads = &mut self.0.leads;
        leads.ids.push(format!("L{}", leads.ids.len()));
        leads.created.push(Moment(created * MICROS_PER_DAY));
        leads.deal.push(deal.map(RowIx::at).into());
        leads.end.push(match (deal, ended) {
            (Some(_), _) => LeadEnd::Converted,
            (None, Some(_)) => LeadEnd::Disqualified,
            (None, None) => LeadEnd::Open,
        });
        leads.ended.push(ended.map(|day| Moment(day * MICROS_PER_DAY)).into());
        leads.owner.push(Maybe::NONE);
        leads.source.push(self.0.sources.intern(source).into());
        leads.campaign.push(Maybe::NONE);
        self
    }

    fn touch(mut self, deal: usize, day: i64, source: &str, campaign: &str) -> Self {
        let touches = &mut self.0.touches;
        touches.at.push(Moment(day * MICROS_PER_DAY));
        touches.deal.push(RowIx::at(deal).into());
        touches.source.push(self.0.sources.intern(source).into());
        touches.campaign.push(self.0.campaigns.intern(campaign).into());
        self
    }

    fn ask(&self, config: &Config, campaign: bool, attribution: Option<Attribution>) -> Sources {
        self.sum(config, SourcesBy { campaign, total: false, attribution })
    }

    fn sum(&self, config: &Config, by: SourcesBy) -> Sources {
        let (tables, calendar) = (&self.0, &FiscalCalendar::default());
        let timeline = &Timeline::build(tables, config, AS_OF).expect("a timeline");
        let keep = &vec![true; timeline.deals.len()];
        let values = &DealValues::of(tables, &config.money, &Snapshot::of(timeline), keep);
        let leads = &LeadLives::of(tables, timeline);
        let keep_leads = &vec![true; leads.lives.len()];
        let kind = PeriodKind::Quarter;
        let with_costs = true;
        let input = SourcesInput { tables, timeline, values, keep, leads, keep_leads, with_costs, calendar, kind };
        sources(&input, &[by]).expect("a frame").remove(0)
    }

    fn all_periods(&self) -> Sources {
        self.sum(&Config::default(), SourcesBy { total: true, ..SourcesBy::default() })
    }

    fn run(&self) -> Sources {
        self.ask(&Config::default(), false, None)
    }
}

fn labels(sources: &Sources) -> Vec<(String, String)> {
    sources.rows.iter().map(|row| (row.source.clone(), row.period_name())).collect()
}

fn find<'s>(sources: &'s Sources, source: &str, period: &str) -> &'s SourceRow {
    let row = sources.rows.iter().find(|row| row.source == source && row.period_name() == period);
    row.unwrap_or_else(|| panic!("no row {source} {period}: {:?}", labels(sources)))
}

#[test]
fn sums_beyond_64_bits_stay_exact() {
    const HUGE: i64 = 999_999_999_999_999_999;
    let rows: Vec<DealRow> = (0..12).map(|i| won(&format!("d{i}"), Some("web"), HUGE - i)).collect();
    assert_eq!(World::of(&rows).run().rows[0].revenue_minor, Some(12 * i128::from(HUGE) - 66));
    let refund = World::of(&[won("d1", None, -5), won("d2", None, 3)]).run();
    assert_eq!(refund.rows[0].revenue_minor, Some(-2));
}

#[test]
fn costs_meet_their_source_and_period() {
    let world = World::of(&[won("d1", Some("web"), 30_000), won("d2", Some("web"), 0), won("d3", None, 100)]);
    let world = world.cost("web", None, "2025-01", 8_000, "USD").cost("web", Some("spring"), "2025-02", 4_000, "USD");
    let world = world.cost("fair", None, "2025-01", 500, "USD").cost("web", None, "2025-06", 9_999, "USD");
    let result = world.run();
    let quarter = |source: &str| (source.to_owned(), "2025-Q1".to_owned());
    assert_eq!(labels(&result), [quarter("(none)"), quarter("fair"), quarter("web")]);
    let web = &result.rows[2];
    assert_eq!((web.sums.created, web.sums.won, web.sums.cost_minor), (2 * WHOLE, 2 * WHOLE, Some(12_000)));
    assert_eq!((web.revenue_minor, web.return_of(web.revenue_minor)), (Some(30_000), Some(1.5)));
    assert_eq!((web.cost_per(web.sums.won), web.mean_won_minor), (Some(6_000.0), Some(15_000.0)));
    let fair = &result.rows[1];
    assert_eq!((fair.sums.created, fair.return_of(fair.revenue_minor)), (0, Some(-1.0)));
    assert_eq!((fair.cost_per(fair.sums.won), fair.win_rate), (None, None));
    assert_eq!(result.rows[0].sums.cost_minor, None);
    // June begins after the as-of day, 2025-04-02.
    assert!(result.costs_without_rate.is_empty());
    // The yen have no rate: what was spent in all is not known.
    let result = world.cost("web", None, "2025-03", 700, "JPY").run();
    assert_eq!((result.rows[2].sums.cost_minor, result.rows[1].sums.cost_minor), (None, Some(500)));
    assert_eq!(result.costs_without_rate, BTreeMap::from([("JPY".to_owned(), 1)]));
}

#[test]
fn a_yearly_budget_makes_yearly_rows() {
    let world = World::of(&[won("d1", Some("(none)"), 1), won("d2", None, 2)]).cost("fair", None, "2025", 500, "USD");
    let result = world.run();
    let year = |source: &str| (source.to_owned(), "2025".to_owned());
    assert_eq!(labels(&result), [year("(none)"), year("fair")]);
    assert_eq!(result.rows[0].sums.created, 2 * WHOLE);
}

#[test]
fn campaigns_add_up_to_their_source() {
    let deal =
        |id, campaign: Option<&str>| DealRow { campaign: campaign.map(str::to_owned), ..won(id, Some("web"), 100) };
    let world = World::of(&[deal("a", Some("spring")), deal("b", Some("spring")), deal("c", None)]);
    let world = world.cost("web", Some("spring"), "2025-Q1", 70, "USD").cost("web", None, "2025-Q1", 30, "USD");
    let result = world.ask(&Config::default(), true, None);
    let rows: Vec<_> = result
        .rows
        .iter()
        .map(|row| (row.campaign.as_deref(), row.sums.won / WHOLE, row.revenue_minor, row.sums.cost_minor))
        .collect();
    assert_eq!(rows, [(Some("(none)"), 1, Some(100), Some(30)), (Some("spring"), 2, Some(200), Some(70))]);
    let whole = world.run();
    assert_eq!((whole.rows[0].revenue_minor, whole.rows[0].sums.cost_minor), (Some(300), Some(100)));
    assert_eq!(whole.rows[0].campaign, None);
}

#[test]
fn open_deals_count_for_what_their_like_became() {
    // Created on day 20,100 or, the open one, five days before the as-of day. Won on day 10: two; lost on day 20: two.
    // By hand: all four live to day 5, so the chance of the open deal is a half.
    let rows = [
        won("a", None, 100),
        won("b", None, 300),
        lost("c", None, 20_100, 20_120),
        lost("d", None, 20_100, 20_120),
        open("e", None, 20_175, 1_001),
    ];
    let world = World::of(&rows);
    let result = world.run();
    let (old, young) = (find(&result, "(none)", "2025-Q1"), result.rows.len());
    assert_eq!(young, 1, "2025-03-28 is in the first quarter too");
    assert_eq!((old.sums.won, old.sums.expected_won), (2 * WHOLE, 2 * WHOLE + WHOLE / 2));
    assert_eq!(old.expected_revenue_minor, Some(400 + 501));
    assert_eq!(old.open_value_minor, Some(1_001));
    assert_eq!(old.win_rate_so_far(), Some(0.5));
    let share = old.win_rate.expect("deals");
    assert_eq!(share.value, 0.5);
    // A deal that is still open tells nothing yet: as wide as four closed deals.
    assert!((share.low - wilson(0.5, 4.0).low).abs() < 1e-9);
    assert_eq!(old.expected_cycle_days, Some(10));
}

#[test]
fn no_deal_that_old_was_ever_won() {
    let rows = [won("a", None, 100), lost("b", None, 20_100, 20_105), open("c", None, 20_100, 50)];
    let row = &World::of(&rows).run().rows[0].clone();
    assert_eq!((row.sums.expected_won, row.expected_revenue_minor), (WHOLE, Some(100)));
}

#[test]
fn leads_count_in_the_period_they_came_in() {
    // Day 20,080 is 2024-12-23.
    let world = World::of(&[won("a", Some("web"), 100), won("b", Some("web"), 100)]);
    let world = world.lead("web", 20_080, Some(0), Some(20_100)).lead("web", 20_080, None, Some(20_090));
    let world = world.lead("fair", 20_100, None, None).cost("web", None, "2024-Q4", 50, "USD");
    let result = world.run();
    assert!(result.has_leads);
    let before = find(&result, "web", "2024-Q4");
    assert_eq!((before.sums.leads, before.sums.lead_deals, before.sums.created), (2 * WHOLE, WHOLE, 0));
    assert_eq!((before.cost_per(before.sums.leads), before.cost_per(before.sums.created)), (Some(25.0), None));
    assert_eq!(before.lead_conversion.map(|share| share.value), Some(0.5));
    let fair = find(&result, "fair", "2025-Q1");
    // Open for 80 days, longer than any lead that became a deal.
    assert_eq!((fair.sums.leads, fair.sums.expected_lead_deals), (WHOLE, 0));
    assert_eq!(find(&result, "web", "2025-Q1").sums.created, 2 * WHOLE);
}

#[test]
fn ends_nobody_dated_count_as_late_as_they_can_have_been() {
    // Two leads became deals after ten days, six were given up nobody knows when, two are open for five days.
    let mut world = World::of(&[won("a", Some("web"), 100), won("b", Some("web"), 100)]);
    for deal in [0, 1] {
        world = world.lead("web", 20_090, Some(deal), Some(20_100));
    }
    for _ in 0..6 {
        world = world.lead("web", 20_090, None, Some(20_100));
        *world.0.leads.ended.last_mut().expect("a lead") = Maybe::NONE;
    }
    world = world.lead("web", 20_175, None, None).lead("web", 20_175, None, None);
    let row = find(&world.run(), "web", "2025-Q1").clone();
    // All eight were there on day ten, two of them went on: a quarter of the open ones will.
    assert_eq!((row.sums.leads, row.sums.expected_lead_deals), (10 * WHOLE, 2 * WHOLE + WHOLE / 2));
    assert_eq!(row.lead_conversion.map(|share| share.value), Some(0.25));
}

#[test]
fn records_in_lead_stages_are_leads_and_no_deals_yet() {
    let stage = |name: &str, kind, phase| Stage { name: name.to_owned(), kind, phase, ..Stage::default() };
    let config = Config {
        stages: vec![
            stage("Lead", StageKind::Open, Phase::Lead),
            stage("Open", StageKind::Open, Phase::Deal),
            stage("Won", StageKind::Won, Phase::Deal),
            stage("Lost", StageKind::Lost, Phase::Deal),
        ],
        ..Config::default()
    };
    let lead = DealRow { stage: "Lead".to_owned(), ..open("c", Some("web"), 20_100, 5) };
    let world = World::of(&[won("a", Some("web"), 100), open("b", Some("web"), 20_100, 7), lead]);
    let row = &world.ask(&config, false, None).rows[0].clone();
    assert_eq!((row.sums.created, row.sums.won), (2 * WHOLE, WHOLE));
    // Of the others it is not known whether they began as leads.
    assert_eq!((row.sums.leads, row.sums.lead_deals), (WHOLE, 0));
}

#[test]
fn touches_share_a_deal_and_leave_no_cent() {
    let world = World::of(&[won("a", Some("web"), 100), won("b", Some("web"), 7)]);
    // The last one is after the win and does not count.
    let world = world.touch(0, 20_101, "mail", "x").touch(0, 20_090, "fair", "").touch(0, 20_110, "web", "");
    let world = world.touch(0, 20_111, "late", "").cost("fair", None, "2025-Q1", 10, "USD");
    let revenue = |model| -> Vec<(String, Option<i128>, i64)> {
        let sources = world.ask(&Config::default(), false, Some(model));
        sources.rows.iter().map(|row| (row.source.clone(), row.revenue_minor, row.sums.created)).collect()
    };
    let row = |source: &str, revenue, created| (source.to_owned(), Some(revenue), created);
    assert_eq!(revenue(Attribution::First), [row(NO_TOUCH, 7, WHOLE), row("fair", 100, WHOLE)]);
    assert_eq!(revenue(Attribution::Last), [row(NO_TOUCH, 7, WHOLE), row("fair", 0, 0), row("web", 100, WHOLE)]);
    let linear = [
        row(NO_TOUCH, 7, WHOLE),
        row("fair", 33, 333_333_333),
        row("mail", 33, 333_333_333),
        row("web", 34, 333_333_334),
    ];
    assert_eq!(revenue(Attribution::Linear), linear);
    let fair = find(&world.ask(&Config::default(), false, Some(Attribution::Linear)), "fair", "2025-Q1").clone();
    assert_eq!(fair.return_of(fair.revenue_minor), Some(2.3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// By every model the sources' parts add up to the deals; the order of touches and what is dated later change nothing.
    #[test]
    fn attribution_adds_up(
        deals in prop::collection::vec((0..3_usize, 20_000_i64..20_180, 0..60_i64, 0..3_usize, -5_i64..100_000), 1..20),
        touches in prop::collection::vec((0..20_u32, 19_990_i64..20_300, 0..4_usize), 0..60),
    ) {
        const NAMES: [&str; 4] = ["web", "fair", "mail", "partner"];
        let rows: Vec<DealRow> = deals.iter().enumerate().map(|(i, &(source, created, days, end, amount))| {
            let id = format!("d{i:02}");
            match end {
                0 => open(&id, Some(NAMES[source]), created, amount),
                1 => lost(&id, Some(NAMES[source]), created, created + days),
                _ => DealRow {
                    created_at: created * MICROS_PER_DAY,
                    closed_at: Some((created + days) * MICROS_PER_DAY),
                    ..won(&id, Some(NAMES[source]), amount)
                },
            }
        }).collect();
        let add = |world: World, &(deal, day, source): &(u32, i64, usize)| world.touch(deal as usize % rows.len(), day, NAMES[source], NAMES[source / 2]);
        let world = touches.iter().fold(World::of(&rows), add);
        let turned = touches.iter().rev().filter(|touch| touch.1 < 20_180).fold(World::of(&rows), add);
        let own = world.run();
        let total = |sources: &Sources| -> [i128; 8] {
            let sum = |read: &dyn Fn(&SourceRow) -> i128| sources.rows.iter().map(read).sum::<i128>();
            [
                sum(&|row| row.sums.created.into()), sum(&|row| row.sums.won.into()), sum(&|row| row.sums.lost.into()),
                sum(&|row| row.sums.expected_won.into()), sum(&|row| row.sums.revenue_minor),
                sum(&|row| row.sums.to_come_minor), sum(&|row| row.sums.open_value_minor), sum(&|row| row.sums.spread.into()),
            ]
        };
        for model in Attribution::ALL {
            for by_campaign in [false, true] {
                let shared = world.ask(&Config::default(), by_campaign, Some(model));
                prop_assert_eq!(total(&shared), total(&own));
                prop_assert_eq!(&shared, &turned.ask(&Config::default(), by_campaign, Some(model)));
            }
        }
        let own_total = world.all_periods();
        prop_assert_eq!(total(&own_total), total(&own));
        prop_assert!(own_total.rows.iter().all(|row| row.period.is_none()));
        for row in &own.rows {
            let share = row.win_rate.expect("deals");
            prop_assert!(0.0 <= share.low && share.low <= share.value + 1e-12 && share.value <= share.high + 1e-12 && share.high <= 1.0);
            prop_assert!(row.sums.won <= row.sums.expected_won && row.sums.expected_won <= row.sums.created - row.sums.lost);
        }
    }
}
