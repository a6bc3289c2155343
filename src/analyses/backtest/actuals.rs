//! What was won, by node and period: what forecasts are held against.
//!
//! As the forecast counts it: in the base currency at the closing day's rate, deal by deal, where the owner stood then.

use hashbrown::HashMap;

use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::config::Config;
use crate::domain::code::{NO_AMOUNT, NO_DAY};
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::ingest::tables::Tables;
use crate::snapshot::Snapshot;

/// Minor units of the base currency by level, node and first day of the period.
#[derive(Clone, Debug, Default)]
pub struct Actuals(HashMap<(Level, String), HashMap<Day, i64>>);

impl Actuals {
    /// What was won in periods of `kind`, as known on the snapshot's morning. Deals whose currency has no rate are left
    /// out: a forecast of them is an error anyway.
    #[must_use]
    pub fn of(tables: &Tables, snapshot: &Snapshot, config: &Config, kind: PeriodKind) -> Self {
        let calendar = config.fiscal_calendar();
        let converter = CurrencyConverter::new(tables, &config.money.base_currency, snapshot.as_of);
        let mut hierarchy = Hierarchy::new(&tables.users, &tables.owners, snapshot.as_of);
        let mut by_position: HashMap<(u32, Day), i64> = HashMap::new();
        let won = snapshot.states.iter().filter(|state| state.kind == StageKind::Won);
        for state in won.filter(|state| state.closed != NO_DAY && state.amount_minor != NO_AMOUNT) {
            let day = Day(state.closed);
            if let Ok(base) = converter.convert(state.amount_minor, state.currency, day) {
                let position = hierarchy.position(state.owner, day);
                *by_position.entry((position, calendar.period_of(kind, day).first)).or_default() += base;
            }
        }
        let mut actuals: HashMap<(Level, String), HashMap<Day, i64>> = HashMap::new();
        for ((position, first), won) in by_position {
            let position = &hierarchy.positions()[position as usize];
            for level in Level::ALL {
                for node in position.nodes(level) {
                    *actuals.entry((level, (*node).to_owned())).or_default().entry(first).or_default() += won;
                }
            }
        }
        Self(actuals)
    }

    /// What `node` won in `period`.
    #[must_use]
    pub fn won(&self, level: Level, node: &str, period: &Period) -> i64 {
        let of_node = self.0.get(&(level, node.to_owned()));
        of_node.and_then(|by_period| by_period.get(&period.first)).copied().unwrap_or(0)
    }
}
