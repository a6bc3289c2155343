//! What was won, by node, money and period: what forecasts are held against.
//!
//! As the forecast counts it: in the base currency at the closing day's rate, deal by deal, and in every currency as it is;
//! where the owner stood then.

use hashbrown::HashMap;

use crate::analyses::backtest::past::PastForecast;
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::ingest::tables::Tables;
use crate::snapshot::Snapshot;

/// Minor units by level and node, then by currency (none: the base currency) and first day of the period.
#[derive(Clone, Debug, Default)]
pub struct Actuals(HashMap<(Level, String), OfNode>);

/// What one node won, by currency and first day of the period.
type OfNode = HashMap<(Option<String>, Day), i64>;

/// The same by position and id of the currency.
type ByPosition = HashMap<(u32, Option<CurrencyId>, Day), i64>;

impl Actuals {
    /// What was won in periods of `kind`, as known on the snapshot's morning. In the base currency a deal whose currency has
    /// no rate is left out.
    #[must_use]
    pub fn of(tables: &Tables, snapshot: &Snapshot, config: &Config, kind: PeriodKind) -> Self {
        let calendar = config.fiscal_calendar();
        let converter = CurrencyConverter::new(tables, &config.money.base_currency, snapshot.as_of);
        let mut hierarchy = Hierarchy::new(&tables.users, &tables.owners, snapshot.as_of);
        let mut by_position = ByPosition::new();
        let won = snapshot.states.iter().filter(|state| state.kind == StageKind::Won);
        for (state, day) in won.filter_map(|state| Some((state, state.closed.get()?))) {
            let Some(minor) = state.amount_minor.get() else { continue };
            let first = calendar.period_of(kind, day).first;
            let position = hierarchy.position(state.owner, day);
            *by_position.entry((position, Some(state.currency), first)).or_default() += minor;
            if let Ok(base) = converter.convert(minor, state.currency, day) {
                *by_position.entry((position, None, first)).or_default() += base;
            }
        }
        let mut actuals = Self::default();
        for ((position, currency, first), won) in by_position {
            let position = &hierarchy.positions()[position as usize];
            let code = currency.and_then(|currency| tables.currencies.name(currency)).map(str::to_owned);
            if code.is_none() && currency.is_some() {
                continue;
            }
            for level in Level::ALL {
                for node in position.nodes(level) {
                    let of_node = actuals.0.entry((level, (*node).to_owned())).or_default();
                    *of_node.entry((code.clone(), first)).or_default() += won;
                }
            }
        }
        actuals
    }

    /// What the node of a past forecast won in `period`, in the same money.
    #[must_use]
    pub fn won(&self, past: &PastForecast, period: &Period) -> i64 {
        let of_node = self.0.get(&(past.level, past.node.clone()));
        of_node.and_then(|won| won.get(&(past.currency.clone(), period.first))).copied().unwrap_or(0)
    }
}
