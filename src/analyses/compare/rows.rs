//! The answer: bridges, deals, and what the runs were made with.

use crate::domain::day::Day;

/// What a bridge is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovedMeasure {
    /// `expected`: won, and what is expected until the period's end.
    Expected,
    /// `pipeline`: open deals expected to close in the period.
    Pipeline,
}

impl MovedMeasure {
    /// Both, in report order.
    pub const ALL: [Self; 2] = [Self::Expected, Self::Pipeline];

    /// As printed, and what the column of `forecast` is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Pipeline => "pipeline",
        }
    }
}

/// A part of a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovedPart {
    /// In the new run only.
    New,
    /// Won since.
    Won,
    /// Lost since.
    Lost,
    /// In the old run only.
    Gone,
    /// Closed then, otherwise now.
    Reopened,
    /// Of the node now.
    MovedIn,
    /// Of the node then.
    MovedOut,
    /// Other rates.
    Revalued,
    /// Another amount.
    Amount,
    /// Expected to close in the period now.
    PulledIn,
    /// No longer expected to close in the period.
    Slipped,
    /// Other chances.
    Rescored,
    /// Deals not yet created.
    NewBusiness,
    /// Not explained by deals.
    Other,
}

/// All parts, in report order.
pub const PARTS: usize = 14;

impl MovedPart {
    /// All, in report order.
    pub const ALL: [Self; PARTS] = [
        Self::New,
        Self::Won,
        Self::Lost,
        Self::Gone,
        Self::Reopened,
        Self::MovedIn,
        Self::MovedOut,
        Self::Revalued,
        Self::Amount,
        Self::PulledIn,
        Self::Slipped,
        Self::Rescored,
        Self::NewBusiness,
        Self::Other,
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "new deals",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Gone => "gone from the data",
            Self::Reopened => "reopened or corrected",
            Self::MovedIn => "came from other nodes",
            Self::MovedOut => "went to other nodes",
            Self::Revalued => "exchange rates",
            Self::Amount => "amounts",
            Self::PulledIn => "pulled in",
            Self::Slipped => "slipped",
            Self::Rescored => "chances",
            Self::NewBusiness => "deals not yet created",
            Self::Other => "not explained by deals",
        }
    }
}

/// One node, period and measure: from the old run to the new one. Money in units of the last of `decimals` places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeRow {
    /// Name of its level.
    pub level: String,
    /// Owner id, team, region or `company`.
    pub node: String,
    /// Its name.
    pub name: String,
    /// The running period of the old run.
    pub period: String,
    /// What it is about.
    pub measure: MovedMeasure,
    /// ISO code.
    pub currency: String,
    /// Decimal places of the money.
    pub decimals: u32,
    /// In the old run.
    pub start: i128,
    /// By [`MovedPart::ALL`].
    pub parts: [i128; PARTS],
    /// In the new run.
    pub end: i128,
}

impl BridgeRow {
    /// One part.
    #[must_use]
    pub fn part(&self, part: MovedPart) -> i128 {
        self.parts[part as usize]
    }
}

/// What became of one deal. Money in units of the last of `decimals` places.
#[derive(Clone, Debug, PartialEq)]
pub struct DealChange {
    /// Id.
    pub id: String,
    /// Name, if it has one.
    pub name: Option<String>,
    /// What happened, the most telling first.
    pub happened: Vec<&'static str>,
    /// Status in the old run and in the new one; none where it is not there.
    pub status: [Option<String>; 2],
    /// Owner.
    pub owner: [Option<String>; 2],
    /// Stage.
    pub stage: [Option<String>; 2],
    /// Amount.
    pub amount: [Option<i128>; 2],
    /// Its currency.
    pub currency: Option<String>,
    /// Decimal places of both amounts.
    pub decimals: u32,
    /// Expected close date.
    pub expected_close: [Option<Day>; 2],
    /// Chance to be won within the horizon, in percent.
    pub score: [Option<i64>; 2],
    /// What is expected of it in the running period of each run.
    pub expected: [Option<i128>; 2],
}

/// Everything that moved.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The days the runs are as of.
    pub days: [Day; 2],
    /// The models of the runs.
    pub models: [Option<String>; 2],
    /// Whether both were made with the same configuration; none where a run does not say.
    pub same_config: Option<bool>,
    /// Log loss of each run's model on deals it had not seen.
    pub log_loss: [Option<f64>; 2],
    /// The running period of the old run.
    pub period: String,
    /// Why there is no bridge of what is expected, where there is none.
    pub no_expected: Option<&'static str>,
    /// By level, node and measure; only where something moved.
    pub bridges: Vec<BridgeRow>,
    /// The deals that changed, by id.
    pub deals: Vec<DealChange>,
}
