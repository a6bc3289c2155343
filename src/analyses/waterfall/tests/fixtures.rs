//! Two mornings of one world compared, and what their rows must hold.

use std::collections::BTreeMap;

use crate::analyses::forecast::{Forecast, ForecastInput, RowBasis, forecast};
use crate::analyses::waterfall::bars::{BARS, Bar};
use crate::analyses::waterfall::build::waterfall;
use crate::analyses::waterfall::input::{Span, WaterfallInput};
use crate::analyses::waterfall::rows::{Waterfall, WaterfallRow};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};
use crate::ingest::tables::{FxRate, Tables};
use crate::snapshot::{Snapshot, Standings};
use crate::timeline::Timeline;

/// 1970-03-02: the last known day is in March.
pub const TO: Day = Day(60);

/// Everything of one comparison, from the tables as exported at the end.
#[derive(Debug)]
pub struct ComparedMornings {
    pub tables: Tables,
    pub config: Config,
    pub start: Standings,
    pub timeline: Timeline,
    pub snapshot: Snapshot,
    pub filter: ForecastFilter,
}

impl ComparedMornings {
    pub fn new(tables: Tables, from: Day, filter: ForecastFilter) -> Self {
        let mut config = Config::default();
        config.calendar.periods = PeriodKind::ALL.to_vec();
        let start = Standings::of(&Timeline::of_changes(&tables, &config, from).expect("a stage list"));
        let timeline = Timeline::build(&tables, &config, TO).expect("a stage list");
        let snapshot = Snapshot::of(&timeline);
        Self { tables, config, start, timeline, snapshot, filter }
    }

    pub fn with<T>(&self, ask: impl FnOnce(&WaterfallInput<'_>) -> T) -> T {
        let spans = [Span { from: &self.start, kinds: self.config.calendar.periods.clone() }];
        let Self { tables, config, timeline, snapshot, filter, .. } = self;
        ask(&WaterfallInput { tables, timeline, snapshot, spans: &spans, config, filter })
    }

    pub fn waterfall(&self) -> Waterfall {
        self.with(|input| waterfall(input, &[]).expect("a waterfall"))
    }

    /// The forecast as it would have been made on the morning of `day`.
    pub fn forecast(&self, day: Day) -> Forecast {
        let Self { tables, config, filter, .. } = self;
        let timeline = Timeline::build(tables, config, day).expect("a stage list");
        let snapshot = Snapshot::of(&timeline);
        let (timeline, snapshot) = (&timeline, &snapshot);
        let input = ForecastInput {
            tables,
            timeline,
            snapshot,
            scores: None,
            outlook: None,
            config,
            stage_win_rates: &[],
            mask: None,
            filter,
        };
        forecast(&input).expect("a forecast")
    }
}

/// Level, node, period, currency, basis.
pub type RowKey = (Level, String, Period, String, RowBasis);

pub fn rows(waterfall: &Waterfall) -> BTreeMap<RowKey, &WaterfallRow> {
    let key = |row: &WaterfallRow| {
        let node = &waterfall.nodes[row.node];
        (node.level, node.key.clone(), row.period, waterfall.currencies[row.currency].code.clone(), row.basis)
    };
    waterfall.rows.iter().map(|row| (key(row), row)).collect()
}

/// Pipeline and deals in it, won and deals won, of every row.
pub fn pipeline_and_won(forecast: &Forecast) -> BTreeMap<RowKey, [(i64, u32); 2]> {
    let of_row = |row: &crate::analyses::forecast::ForecastRow| {
        let node = &forecast.nodes[row.node];
        let currency = forecast.currencies[row.currency].code.clone();
        let key = (node.level, node.key.clone(), row.period, currency, row.basis);
        (key, [(row.pipeline, row.open_deals), (row.won, row.won_deals)])
    };
    forecast.rows.iter().map(of_row).collect()
}

pub fn closes(row: &WaterfallRow) -> bool {
    let close = |of: &dyn Fn(Bar) -> i64, changes: i64| {
        let entered = of(Bar::Start) + of(Bar::Created) + of(Bar::PulledIn) + of(Bar::MovedIn);
        let left = of(Bar::PushedOut) + of(Bar::MovedOut) + of(Bar::Lost) + of(Bar::Won);
        entered + changes - left == of(Bar::End)
    };
    let changes = row.amount(Bar::Increased) - row.amount(Bar::Decreased) + row.amount(Bar::Revalued);
    let native = row.basis == RowBasis::Native && row.amount(Bar::Revalued) != 0;
    close(&|bar| row.amount(bar), changes) && close(&|bar| row.deals(bar).into(), 0) && !native
}

/// Amounts by bar, the moves as one, per period, currency and basis.
pub fn sums(waterfall: &Waterfall, level: Level) -> BTreeMap<(Period, usize, RowBasis), [i64; BARS]> {
    let mut sums: BTreeMap<_, [i64; BARS]> = BTreeMap::new();
    for row in waterfall.rows.iter().filter(|row| waterfall.nodes[row.node].level == level) {
        let sum = sums.entry((row.period, row.currency, row.basis)).or_insert([0; BARS]);
        sum.iter_mut().zip(row.amounts).for_each(|(sum, amount)| *sum += amount);
    }
    for sum in sums.values_mut() {
        sum[Bar::MovedIn as usize] -= sum[Bar::MovedOut as usize];
        sum[Bar::MovedOut as usize] = 0;
    }
    sums
}

pub fn rates(tables: &mut Tables, first: i32) -> Vec<FxRate> {
    let (eur, jpy) = (tables.currency("EUR"), tables.currency("JPY"));
    let rate = |currency, day, rate: &str| FxRate { currency, day: Day(day), rate: rate.parse().expect("a rate") };
    vec![
        rate(eur, first, "1.0937"),
        rate(eur, first.max(20), "1.1313"),
        rate(eur, first.max(45), "0.9871"),
        rate(jpy, first, "0.006743"),
        rate(jpy, first.max(33), "0.0070001"),
    ]
}
