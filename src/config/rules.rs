//! The rules input rows are held to, and what happens to a row that breaks one.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::fault::Fault;

/// What happens to a row that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleSeverity {
    /// Keep the row (an unreadable cell of it becomes empty), say so.
    Warn,
    /// Reject the row: list it in `rejects.csv` and use it nowhere.
    Reject,
    /// Stop the run.
    Error,
}

impl fmt::Display for RuleSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warn => "warn",
            Self::Reject => "reject",
            Self::Error => "error",
        })
    }
}

macro_rules! rules {
    ($($variant:ident $name:literal $severity:ident $meaning:literal;)*) => {
        /// A rule for input rows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Rule { $(#[doc = $meaning] $variant,)* }

        impl Rule {
            /// Every rule, in the order a file is checked.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in `rejects.csv` and in `rules.severity`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What happens where the configuration does not say.
            #[must_use]
            pub fn default_severity(self) -> RuleSeverity {
                match self { $(Self::$variant => RuleSeverity::$severity,)* }
            }

            /// What the rule asks for and what becomes of the row, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

rules! {
    RaggedLine "ragged_line" Reject "a line has as many cells as the header; empty cells beyond it do not count";
    UnclosedQuote "unclosed_quote" Error "a quoted cell is closed before the file ends";
    BadEncoding "bad_encoding" Warn "every byte is text in the file's encoding; others become the replacement sign";
    UnnamedColumn "unnamed_column" Warn "a column that holds anything has a name in the header; others are not read";
    Filtered "filtered" Reject "the row passes the `filters` of its source; never counts against the allowed share of rejects";
    MissingId "missing_id" Reject "the row says which deal, owner or author it is about";
    ShortenedId "shortened_id" Reject "an id has all of its digits; a spreadsheet writes long ones as 1.23457E+11";
    MissingStage "missing_stage" Reject "a deal has a stage";
    MissingCreatedAt "missing_created_at" Reject
        "a deal says when it was created; where the row is kept it counts as created with its own first known event, or else on the day of the newest event of the input";
    MissingValue "missing_value" Reject "a required cell of another table is filled";
    MissingQuota "missing_quota" Warn "a quota row has an amount; a blank one sets no target";
    BadDate "bad_date" Reject "a date is one of the years 1900 to 2199, in the order of day and month its column uses";
    AmbiguousDate "ambiguous_date" Error "day and month can be told apart somewhere in the column, or `date_order` says which comes first";
    BadAmount "bad_amount" Reject "an amount is a number below 10^18 minor units, written as the rest of its column";
    AmbiguousAmount "ambiguous_amount" Error "decimal mark and thousands mark can be told apart somewhere in the column, or `decimal_mark` says which";
    RoundedAmount "rounded_amount" Warn "an amount has no more decimals than its currency; others are rounded half to even";
    NegativeAmount "negative_amount" Warn "an amount is not below zero";
    BadNumber "bad_number" Reject "a number is one, and in its range";
    MixedPercent "mixed_percent" Error
        "chances are all percent or all shares of 1, or `probability_scale` says which; where the run goes on they count as percent";
    BadStatus "bad_status" Reject "a status is a word for open, won or lost; `values.status` of the source translates others";
    Deleted "deleted" Reject
        "a deal is not deleted; a deleted one is neither won nor lost, and never counts against the allowed share of rejects";
    ContradictingOutcome "contradicting_outcome" Warn
        "status, stage and closing day agree on whether a deal is open, won or lost; where they do not the status decides, then the stage, and the closing day of an open deal is a plan";
    UnknownCategory "unknown_category" Warn "a forecast category is pipeline, best case, commit, closed or omitted; others are left empty";
    UnknownCurrency "unknown_currency" Warn "a currency is one of ISO 4217; others are kept under their own name with two decimals";
    BadPeriod "bad_period" Reject "a period is 2026-01 (2026-P01 where months are not of the calendar), 2026-Q1, 2026-H1 or 2026, or a date where `period_from_date` is set";
    DuplicateRow "duplicate_row" Reject
        "a row stands once; the same row again, cell by cell, is left out, and never counts against the allowed share of rejects";
    RepeatedRow "repeated_row" Warn
        "an activity, touch, change or revision dated without a time of day stands once; the same row again may be a second one of that day: it is kept, and left out only as `reject`";
    ConflictingRow "conflicting_row" Reject
        "rows that speak of the same thing (`dealcast help inputs` says when) do not contradict each other; the row created first counts, then the one with more filled cells, then the first in the order of its cells; the others never count against the allowed share of rejects; quotas and costs add up as `warn`";
    DuplicateId "duplicate_id" Reject
        "rows of one deal or lead id do not contradict each other; one counts, as of `conflicting_row`, whatever the severity";
    DuplicateKey "duplicate_key" Warn
        "rows of one lookup key do not contradict each other; the one with more filled cells counts, then the first in the order of its cells";
    ShrunkenCopy "shrunken_copy" Error
        "of the dated copies of the deals table each holds at least half as many deals as the one before; others may have been cut off";
    EmptyCopy "empty_copy" Warn "a dated copy of the deals table holds deals; an empty one ends none, and is passed over";
    EmptiedCell "emptied_cell" Warn
        "an amount, a date, an owner or a chance does not become empty from one dated copy to the next; what it was goes on counting";
    VanishedDeal "vanished_deal" Warn
        "a deal that is open in one dated copy is in the next; one that is gone counts until then, and is neither won nor lost; as `reject` it never counts";
    UnknownStage "unknown_stage" Warn "a stage is in the configured list; others are put where the history has them";
    ClosedBeforeCreated "closed_before_created" Reject
        "a deal closes, or a lead ends, on or after the day it was created; as `warn` a deal counts as created on the day it closed";
    WonWithoutCloseDate "won_without_close_date" Warn "a won deal says when it closed";
    LostWithoutCloseDate "lost_without_close_date" Warn "a lost deal or a lead given up says when that was; an undated end of a lead counts on the as-of day";
    UnknownDeal "unknown_deal" Reject
        "the deal of a history or activity row is in the deals table; others never count against the allowed share of rejects, unless they are all";
    LeadOfUnknownDeal "lead_of_unknown_deal" Warn "the deal a lead became is in the deals table; without it the lead counts as converted all the same";
    UnknownLeadStatus "unknown_lead_status" Warn "a lead's status is a word for open, converted or disqualified; others count as open";
    TouchOfNobody "touch_of_nobody" Reject "the deal or lead of a touch is in its table; never counts against the allowed share of rejects";
    LeadAfterDeal "lead_after_deal" Warn
        "a lead is created on or before the day of the deal it became; a later one counts as converted at once, and the deal does not take its source";
    HistoryBeforeCreation "history_before_creation" Reject
        "a change is dated on or after the day its deal was created; an earlier hour of that day moves to the creation";
    EmptyNewValue "empty_new_value" Warn
        "a row of the history says what is new; an empty stage ends the stay before it, any other empty value changes nothing";
    UnusedField "unused_field" Warn "a change of a field the deals table has no column for is counted and left out";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Rule {
    /// The mildest that can happen to a row: lines that are no rows are never kept, nor what was left out on purpose.
    #[must_use]
    pub fn least_severity(self) -> RuleSeverity {
        match self {
            Self::RaggedLine | Self::Filtered | Self::Deleted => RuleSeverity::Reject,
            Self::UnclosedQuote => RuleSeverity::Error,
            _ => RuleSeverity::Warn,
        }
    }
}

/// What to do with dirty rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleConfig {
    /// Share of rejected rows in one table above which the run stops, 0 to 1.
    pub max_reject_share: f64,
    /// Rule -> severity, where the default is not wanted. `dealcast check` lists the rules.
    #[schemars(extend("propertyNames" = rule_names()))]
    pub severity: BTreeMap<Rule, RuleSeverity>,
}

/// The rule names, for editors that complete keys by the schema.
fn rule_names() -> serde_json::Value {
    serde_json::json!({ "enum": Rule::ALL })
}

impl Default for RuleConfig {
    fn default() -> Self {
        Self { max_reject_share: 0.05, severity: BTreeMap::new() }
    }
}

impl RuleConfig {
    pub(super) fn check(&self) -> Result<(), Fault> {
        let share = self.max_reject_share;
        if (0.0..=1.0).contains(&share) {
            return self.check_severity();
        }
        Err(Fault::new("rules.max_reject_share", share.to_string(), "a share, 0 to 1"))
    }

    /// That no rule is to be relaxed that cannot be.
    fn check_severity(&self) -> Result<(), Fault> {
        let refused = self.severity.iter().find(|(rule, severity)| **severity < rule.least_severity());
        let Some((rule, severity)) = refused else { return Ok(()) };
        let least = rule.least_severity();
        let expected = match least {
            RuleSeverity::Error => format!("{least}: nothing can be read where this rule is broken"),
            _ => format!("{least} or {}: no such row can be kept", RuleSeverity::Error),
        };
        Err(Fault::new(format!("rules.severity.{rule}"), severity.to_string(), expected))
    }

    /// What happens to a row that breaks `rule`.
    #[must_use]
    pub fn severity_of(&self, rule: Rule) -> RuleSeverity {
        self.severity.get(&rule).copied().unwrap_or(rule.default_severity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_rule_is_its_key_in_the_configuration() {
        for rule in Rule::ALL {
            assert_eq!(serde_json::to_string(rule).expect("a name"), format!("\"{}\"", rule.name()));
        }
    }
}
