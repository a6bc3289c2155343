//! The fitted description of every feature: what it is made of and how it is encoded. Stored in the model.
//!
//! A model's id is a hash of its stored form, so names in that form stay as format 2 has them (`#[serde(rename)]`).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::features::kinds::KindMeasure;
use crate::features::profile::Profile;
use crate::features::rates::RateTable;
use crate::features::state::StateMeasure;

/// Version of the encoding. A model stores the one it was fitted under and is refused by a build with another.
pub const FEATURE_LAYOUT: u32 = 3;

/// Name of the field that says when a deal is expected to close.
pub(super) const DAYS_TO_EXPECTED_CLOSE: &str = "days to expected close";

/// Where the past of a field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// From events: the value of a past day is what was known that day.
    History,
    /// From the deals table: one value for all days, the one that stands there now.
    Table,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::History => "as of the day",
            Self::Table => "as exported",
        })
    }
}

/// Something a person knows about a deal ("days in stage", "source"), encoded as one or more columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name as it appears in the card; unique.
    pub name: String,
    /// The reason it is part of, as it appears in explanations.
    pub factor: String,
    /// What it measures and in which unit.
    pub meaning: String,
    /// Where it comes from: "stage history", "deals column `product`".
    pub source: String,
    /// When its values were known.
    pub known: Known,
    /// Share of training rows without a value, 0 to 1.
    pub missing_share: f64,
    /// How its value is read from a state.
    pub measure: Measure,
    /// Lowest and highest training value of a numeric field, in the units of `measure`. Values beyond count as these.
    pub range: [f64; 2],
    /// How its values were spread over the training rows.
    pub profile: Profile,
    /// Whether having no value says nothing: where closed deals are filled far more (or less) often than open ones,
    /// it would tell how far along the deal is today.
    pub absence_is_neutral: bool,
}

/// How the one value of a field is read from a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Measure {
    /// A number computed from the state alone.
    State {
        /// Which.
        measure: StateMeasure,
    },
    /// Log ratio of the days in stage to what won deals had spent there.
    #[serde(rename = "stage_norm")]
    StageBenchmark {
        /// Stage name -> median days of the rows that were won.
        #[serde(rename = "norms")]
        benchmarks: BTreeMap<String, f64>,
        /// The median over all stages, for stages without a benchmark of their own.
        typical: f64,
    },
    /// Log amount, less the typical log amount of its currency.
    Amount {
        /// Currency code -> mean log amount. Amounts in other currencies cannot be compared and are neutral.
        typical: BTreeMap<String, f64>,
    },
    /// Activities of one kind.
    Kind {
        /// The kind.
        #[serde(rename = "activity")]
        kind: String,
        /// What is counted of them.
        measure: KindMeasure,
    },
    /// Two other fields together.
    Pair {
        /// One of them.
        first: PairSide,
        /// The other.
        second: PairSide,
        /// The cells of the two that have columns.
        cells: Vec<PairCell>,
    },
    /// Log of the open deals the owner has that morning.
    OpenLoad,
    /// Days left in the fiscal quarter.
    QuarterEnd,
    /// A numeric column of the deals table.
    Number {
        /// Its name.
        column: String,
        /// Whether its signed logarithm is used.
        log: bool,
    },
    /// Log of the days since a date column of the deals table; dates still ahead count as missing.
    Date {
        /// Its name.
        column: String,
    },
    /// A category with few levels.
    Level {
        /// `stage`, `forecast_category`, `currency`, or a column of the deals table.
        column: String,
        /// Levels with a column of their own, by name.
        levels: Vec<String>,
        /// Rarer levels, sharing the column "(other)", by name.
        pooled: Vec<String>,
    },
    /// A category with many levels, as the log-odds of each level's shrunk win rate.
    Rate {
        /// `owner`, or a column of the deals table.
        column: String,
        /// The rates over time.
        rates: RateTable,
    },
}

/// One of the two fields, cut into classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairSide {
    /// The field's name.
    pub field: String,
    /// How its value is read.
    pub measure: Box<Measure>,
    /// Highest value of every class of a number but the last, ascending; empty for levels.
    pub cuts: Vec<f64>,
    /// Levels that are a class of their own; empty for numbers. The others are one class.
    pub levels: Vec<String>,
    /// Whether having no value says nothing.
    pub absence_is_neutral: bool,
}

/// A cell of the pair that has a column of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairCell {
    /// In words; unique within the pair.
    pub name: String,
    /// Class of the first field.
    pub first: u8,
    /// Class of the second field.
    pub second: u8,
}

/// How a column of the matrix follows from its field's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ColumnBasis {
    /// The value itself.
    Value,
    /// How far the value is above a knot, 0 below it.
    Hinge {
        /// A training quantile.
        knot: f64,
    },
    /// Whether the value is this large or larger.
    From {
        /// A training value or quantile.
        least: f64,
    },
    /// Whether the value is this one.
    Exactly {
        /// A frequent training value.
        value: f64,
    },
    /// Whether the value is above 0.
    Positive,
    /// Whether there is no value.
    Missing,
    /// Whether the level (or the cell of a pair) is this one.
    Level {
        /// Its name.
        level: String,
    },
    /// Whether the level is one of the pooled ones.
    Other,
    /// The value less `center` while the deal is in this stage, 0 in others.
    AtStage {
        /// Stage name.
        stage: String,
        /// Mean training value.
        center: f64,
    },
}

/// One column of the matrix: `(basis(value) - mean) / sd`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Index in [`FeatureSpec::fields`].
    pub field: usize,
    /// Column name, unique.
    pub name: String,
    /// How it follows from the field's value.
    pub basis: ColumnBasis,
    /// Training mean, over the rows where the basis says anything.
    pub mean: f64,
    /// Training standard deviation (population), positive.
    pub sd: f64,
}

/// A field or column excluded from the model, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Excluded {
    /// Name of the field or column.
    pub name: String,
    /// The reason, with the evidence in numbers.
    pub reason: String,
    /// What to do to have it in, where that is more than having more deals.
    #[serde(rename = "cure")]
    pub remedy: Option<String>,
    /// Whether that is because it knows the outcome.
    pub is_leak: bool,
    /// What a leak takes off the log loss on its own, in nats; none where too few deals speak, and for other reasons.
    pub worth: Option<f64>,
}

/// A field that may know the outcome, and is seen all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// The field.
    pub field: String,
    /// Why, with the evidence in numbers.
    pub reason: String,
    /// What it takes off the log loss on its own, in nats.
    pub alone: f64,
    /// How much higher the log loss of the evaluation is without it; none where that was not tried.
    pub worth: Option<f64>,
    /// What to do about it.
    pub remedy: String,
}

impl Excluded {
    /// Excluded for `reason`; nothing to be done about it.
    pub(super) fn new(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), reason: reason.into(), remedy: None, is_leak: false, worth: None }
    }
}

/// How states become numbers; fitted once, then applied unchanged.
///
/// Every number in here is rounded to 9 significant digits when fitted, so that its JSON reads back to the same bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureSpec {
    /// [`FEATURE_LAYOUT`] of the build that fitted it.
    pub layout: u32,
    /// What a person knows. Every field has at least one feature.
    pub fields: Vec<Field>,
    /// What the model sees, in column order; the features of one field stand together.
    pub features: Vec<Feature>,
    /// What was excluded.
    pub excluded: Vec<Excluded>,
    /// What may know the outcome and is seen all the same, strongest first.
    pub suspects: Vec<Suspect>,
}

impl Field {
    /// Whether it is the stage itself.
    #[must_use]
    pub fn is_stage(&self) -> bool {
        matches!(&self.measure, Measure::Level { column, .. } if column == "stage")
    }
}

impl FeatureSpec {
    /// Whether the expected close date may be seen: not where it was found to know the outcome.
    #[must_use]
    pub fn knows_expected_close(&self) -> bool {
        !self.excluded.iter().any(|excluded| excluded.is_leak && excluded.name == DAYS_TO_EXPECTED_CLOSE)
    }

    /// The spec without the fields that are not `wanted`, which are excluded for `reason`.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&Field) -> bool, reason: &str) -> Self {
        let mut position = vec![None; self.fields.len()];
        let mut kept = Vec::new();
        for (i, field) in std::mem::take(&mut self.fields).into_iter().enumerate() {
            if wanted(&field) {
                position[i] = Some(kept.len());
                kept.push(field);
            } else {
                self.excluded.push(Excluded::new(field.name, reason));
            }
        }
        self.suspects.retain(|suspect| kept.iter().any(|field: &Field| field.name == suspect.field));
        self.fields = kept;
        let features = std::mem::take(&mut self.features).into_iter();
        self.features =
            features.filter_map(|feature| Some(Feature { field: position[feature.field]?, ..feature })).collect();
        self
    }
}
