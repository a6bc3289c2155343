//! The answer: what is to be done, row by row.

use crate::books::currency_axis::RowCurrency;
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::Period;
use crate::report::finding::Finding;

/// What is to be done, in the order in which rows of the same worth stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// Win a deal that a node needs for its quota.
    CloseGap,
    /// Look at a deal that has stayed too long.
    Stalled,
    /// Look at a deal that stays long.
    Slow,
    /// Set another close date: this one will not hold.
    CloseDateEarly,
    /// Set another close date: this one has passed.
    CloseDateOverdue,
    /// Fill in what deals had that went on.
    FieldsMissing,
    /// Get in touch: deals that went on had an activity.
    ActivityMissing,
    /// Submit another forecast.
    SubmittedForecast,
    /// Adjust to another forecast.
    AdjustedForecast,
}

impl ActionKind {
    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CloseGap => "close the gap",
            Self::Stalled => "stalled deal",
            Self::Slow => "slow deal",
            Self::CloseDateEarly => "close date too early",
            Self::CloseDateOverdue => "close date overdue",
            Self::FieldsMissing => "fields missing",
            Self::ActivityMissing => "activity missing",
            Self::SubmittedForecast => "submitted forecast",
            Self::AdjustedForecast => "adjusted forecast",
        }
    }
}

/// The node whose gap or forecast a row is about, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionNode {
    /// Its level.
    pub level: Level,
    /// Owner id, team, region or `company`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The period.
    pub period: Period,
}

/// What is at stake. Money in minor units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worth {
    /// The chance it counts with; none of a forecast.
    pub chance: Option<f64>,
    /// In the row's currency.
    pub native: i64,
    /// In the base currency; none without a rate.
    pub base: Option<i64>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionRow {
    /// What kind.
    pub kind: ActionKind,
    /// Position in the facts of the deals; none of a forecast.
    pub deal: Option<usize>,
    /// Who is to do it; none of a deal nobody owns.
    pub owner: Option<String>,
    /// Name of the owner in the users table, else the id.
    pub owner_name: Option<String>,
    /// Every manager above, nearest first; an owner who manages others comes first.
    pub managers: Vec<String>,
    /// Whose gap or forecast.
    pub node: Option<ActionNode>,
    /// What is to be done: a lowercase fragment.
    pub what: String,
    /// Why, with its numbers.
    pub why: Finding,
    /// Currency of the amount and of what is at stake; none of a forecast, which is in the base currency.
    pub currency: Option<CurrencyId>,
    /// Amount of the deal, or the forecast, minor units of the currency.
    pub amount: Option<i64>,
    /// The same in the base currency; none without a rate.
    pub base_amount: Option<i64>,
    /// What is at stake; none without a model.
    pub worth: Option<Worth>,
    /// By when.
    pub due: Day,
    /// Expected close date of the deal, if it has one.
    pub expected_close: Option<Day>,
    /// The median day of the win, if it is won; none without a model.
    pub likely_close: Option<Day>,
}

impl ActionRow {
    /// Whether it is to be done by `person`, or by somebody under them.
    #[must_use]
    pub fn concerns(&self, person: &str) -> bool {
        self.owner.as_deref() == Some(person) || self.managers.iter().any(|manager| manager == person)
    }
}

/// Everything to do, the most worth first.
#[derive(Clone, Debug)]
pub struct Actions {
    /// The first day that is not known.
    pub as_of: Day,
    /// The base currency; none where there are no rows in it.
    pub base: Option<RowCurrency>,
    /// The rows.
    pub rows: Vec<ActionRow>,
}
