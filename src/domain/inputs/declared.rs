//! The declaration of every input table.
//!
//! To add a table, add it here, then one loader in `ingest/order.rs`: the compiler names that place. To add a column,
//! add its line here and read it in the table's loader. Columns are told by their position, a constant in the table's
//! own module.

use crate::domain::inputs::spec::InputSpec;

/// Numbers the columns of a table.
macro_rules! positions {
    ($at:expr;) => {};
    ($at:expr; $index:ident $name:literal $($rest:tt)*) => {
        #[doc = concat!("Position of `", $name, "` in [`SPEC`].")]
        pub const $index: usize = $at;
        positions! { $at + 1; $($rest)* }
    };
}

macro_rules! is_required {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}

macro_rules! input_tables {
    ($(
        $table:ident in $module:ident {
            row: $row:literal,
            meaning: $meaning:literal,
            cost_of_absence: $cost:expr,
            shapes_model: $shapes:literal,
            null_when_absent: $null:literal,
            further_columns: $further:literal,
            identity: $identity:expr,
            columns: { $($index:ident $name:literal $kind:ident $need:ident $what:literal;)* },
        }
    )*) => {
        /// A table of the input, in the order in which inputs are listed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum InputTable { $(#[doc = concat!($meaning, ".")] $table,)* }

        impl InputTable {
            /// Every table.
            pub const ALL: &'static [Self] = &[$(Self::$table,)*];
            /// The canonical names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($module),)*];
            /// The same, and behind them what files are called that add columns to one.
            pub const READ: &'static [&'static str] = &[$(stringify!($module),)* "lookup"];

            /// What is declared of the table.
            #[must_use]
            pub fn spec(self) -> &'static InputSpec {
                match self { $(Self::$table => &$module::SPEC,)* }
            }
        }

        $(
            #[doc = concat!($meaning, ".")]
            pub mod $module {
                use crate::domain::inputs::spec::RowIdentity;
                use crate::domain::inputs::spec::{CellKind, InputColumn, InputSpec};

                positions! { 0; $($index $name)* }

                #[doc = concat!($meaning, ": the declaration.")]
                pub static SPEC: InputSpec = InputSpec {
                    name: stringify!($module),
                    row: $row,
                    meaning: $meaning,
                    cost_of_absence: $cost,
                    shapes_model: $shapes,
                    null_when_absent: $null,
                    columns: &[$(InputColumn {
                        name: $name,
                        kind: CellKind::$kind,
                        required: is_required!($need),
                        meaning: $what,
                    },)*],
                    further_columns: $further,
                    identity: $identity,
                };
            }
        )*
    };
}

input_tables! {
    Deals in deals {
        row: "a deal",
        meaning: "Deals as they stand in the CRM",
        cost_of_absence: None,
        shapes_model: true,
        null_when_absent: true,
        further_columns: true,
        identity: RowIdentity::OnePer(&[DEAL_ID]),
        columns: {
            DEAL_ID "deal_id" Text required "unique id";
            STAGE "stage" Text required "the stage it is in now";
            CREATED_AT "created_at" Date optional
                "when it was created; without such a column the day of its first known event";
            AMOUNT "amount" Money optional "its price, in `currency`";
            CURRENCY "currency" Text optional "ISO 4217 code of the amount; the default currency where empty";
            OWNER "owner" Text optional "who owns it, as in `users`";
            NAME "name" Text optional "what people call it";
            ACCOUNT "account" Text optional "the customer";
            STATUS "status" Text optional "open, won or lost, in any CRM's words; by its stage where empty";
            EXPECTED_CLOSE_DATE "expected_close_date" Date optional "the day its owner expects it to close";
            CLOSED_AT "closed_at" Date optional "when it was won or lost";
            SOURCE "source" Text optional "where it came from; that of its earliest lead where empty";
            PRODUCT "product" Text optional "what is sold";
            REGION "region" Text optional "where it is sold";
            FORECAST_CATEGORY "forecast_category" Text optional
                "pipeline, best case, commit, closed or omitted; that of its stage where empty";
            PROBABILITY "probability" Number optional
                "the CRM's own chance to win, 0 to 1 or 0 to 100; that of its stage where empty";
            PIPELINE "pipeline" Text optional "which of several sales processes it is in";
            CAMPAIGN "campaign" Text optional "the campaign it came from; that of its earliest lead where empty";
            COPIED_AT "copied_at" Date optional
                "the day this copy of the row was made, where the table is a series of dated copies";
            GONE "gone" Text optional "filled where the deal was no longer in the copy of that day";
        },
    }
    StageHistory in stage_history {
        row: "a change of a deal: what is new, or one field with its old and new value",
        meaning: "What changed on a deal and when",
        cost_of_absence: Some("no days in stage, no moves, no pushed dates: scores and stagnation rest on age alone"),
        shapes_model: true,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::Events { id: None, at: CHANGED_AT },
        columns: {
            DEAL_ID "deal_id" Text required "the deal";
            CHANGED_AT "changed_at" Date required "when it changed";
            STAGE "stage" Text optional "the new stage; empty, as the next five, where it did not change";
            AMOUNT "amount" Money optional "the new amount, in `currency`";
            EXPECTED_CLOSE_DATE "expected_close_date" Date optional "the new expected close date";
            OWNER "owner" Text optional "the new owner";
            FORECAST_CATEGORY "forecast_category" Text optional "the new forecast category";
            PROBABILITY "probability" Number optional "the CRM's new chance to win";
            FIELD "field" Text optional "the field that changed, where a row is about one";
            OLD_VALUE "old_value" Text optional "what the field said before";
            NEW_VALUE "new_value" Text optional "what the field says from then on; required beside `field`";
            CURRENCY "currency" Text optional "ISO 4217 code of the new amount; the deal's currency where empty";
        },
    }
    Activities in activities {
        row: "an activity, or several alike at one time",
        meaning: "Calls, mails, meetings",
        cost_of_absence: Some("scores do not see who is in touch with the customer"),
        shapes_model: true,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::Events { id: Some(ACTIVITY_ID), at: OCCURRED_AT },
        columns: {
            DEAL_ID "deal_id" Text required "the deal it was for";
            OCCURRED_AT "occurred_at" Date required "when it happened";
            KIND "kind" Text optional "call, mail, meeting or any other word";
            COUNT "count" Number optional "how many at once; 1 where empty";
            ACTIVITY_ID "activity_id" Text optional "unique id; rows of one id count once";
        },
    }
    Leads in leads {
        row: "a lead",
        meaning: "Leads, with the deals they became",
        cost_of_absence: Some("the funnel begins with the deal, no cost per lead"),
        // They say where deals without a source came from.
        shapes_model: true,
        null_when_absent: false,
        further_columns: false,
        identity: RowIdentity::OnePer(&[LEAD_ID]),
        columns: {
            LEAD_ID "lead_id" Text required "unique id";
            CREATED_AT "created_at" Date required "when it was created";
            DEAL_ID "deal_id" Text optional "the deal it became";
            STATUS "status" Text optional "open, converted or disqualified, in any CRM's words";
            CONVERTED_AT "converted_at" Date optional "when it became a deal";
            CLOSED_AT "closed_at" Date optional "when it was given up";
            OWNER "owner" Text optional "who works on it, as in `users`";
            SOURCE "source" Text optional "where it came from";
            CAMPAIGN "campaign" Text optional "the campaign it came from";
        },
    }
    Touches in touches {
        row: "one time marketing reached a lead or a deal",
        meaning: "Marketing touches of leads and deals",
        cost_of_absence: Some("no attribution: a deal counts for its own source alone"),
        shapes_model: false,
        null_when_absent: false,
        further_columns: false,
        identity: RowIdentity::Events { id: Some(TOUCH_ID), at: TOUCHED_AT },
        columns: {
            TOUCHED_AT "touched_at" Date required "when it was";
            SOURCE "source" Text required "the source that gets the credit";
            DEAL_ID "deal_id" Text optional "the deal that was reached";
            LEAD_ID "lead_id" Text optional "the lead that was reached; one of the two is filled";
            CAMPAIGN "campaign" Text optional "the campaign it was part of";
            TOUCH_ID "touch_id" Text optional "unique id; rows of one id count once";
        },
    }
    Quotas in quotas {
        row: "a target of an owner, a team, a region or, where all three are empty, the company",
        meaning: "Targets per owner, team, region or company and period",
        cost_of_absence: Some("no attainment or coverage, and gaps are those to the mean of past periods"),
        shapes_model: false,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::SumPer(&[OWNER, TEAM, REGION, PERIOD, CURRENCY]),
        columns: {
            OWNER "owner" Text optional "whose target it is, as in `users`";
            TEAM "team" Text optional "or of which team";
            REGION "region" Text optional "or of which region";
            PERIOD "period" Period required "month, quarter, half or year: 2026-01, 2026-Q1, 2026-H1, 2026";
            QUOTA "quota" Money required "the target; an empty cell sets none";
            CURRENCY "currency" Text optional "ISO 4217 code of the target; the default currency where empty";
        },
    }
    Users in users {
        row: "an owner",
        meaning: "Owners with manager, team and region",
        cost_of_absence: Some("no managers, teams or regions"),
        shapes_model: false,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::OnePer(&[OWNER, ACTIVE_FROM]),
        columns: {
            OWNER "owner" Text required "unique id, as the deals name their owner";
            NAME "name" Text optional "the person's name";
            MANAGER "manager" Text optional "id or name of the manager";
            TEAM "team" Text optional "the team";
            REGION "region" Text optional "the region";
            ACTIVE_FROM "active_from" Date optional "first day at work; since ever where empty or before 1900";
            ACTIVE_TO "active_to" Date optional "last day at work; still there where empty or after 2199";
        },
    }
    FxRates in fx_rates {
        row: "the rate of a currency from a day on",
        meaning: "Dated rates to the base currency",
        cost_of_absence: Some("amounts stay in their own currencies"),
        shapes_model: false,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::OnePer(&[CURRENCY, DATE]),
        columns: {
            CURRENCY "currency" Text required "ISO 4217 code";
            DATE "date" Date required "first day the rate holds; until the next one";
            RATE "rate" Number required "one unit of the currency in the base currency";
        },
    }
    CampaignCosts in campaign_costs {
        row: "what a source, or one campaign of it, cost in a period",
        meaning: "Marketing spend per source and period",
        cost_of_absence: Some("no cost and no return per source"),
        shapes_model: false,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::SumPer(&[SOURCE, PERIOD, CURRENCY, CAMPAIGN]),
        columns: {
            SOURCE "source" Text required "the source, as deals and leads name it";
            PERIOD "period" Period required "month, quarter, half or year";
            COST "cost" Money required "what was spent";
            CURRENCY "currency" Text optional "ISO 4217 code of the cost; the default currency where empty";
            CAMPAIGN "campaign" Text optional "the campaign, where costs are known by campaign";
        },
    }
    Revisions in revisions {
        row: "a forecast submitted by its owner, or an adjustment by anybody else",
        meaning: "Submitted forecasts and adjustments",
        cost_of_absence: Some("no submitted forecasts"),
        shapes_model: false,
        null_when_absent: true,
        further_columns: false,
        identity: RowIdentity::Events { id: None, at: SUBMITTED_AT },
        columns: {
            SUBMITTED_AT "submitted_at" Date required "when it was made";
            AUTHOR "author" Text required "who made it";
            OWNER "owner" Text required "whose forecast it is";
            PERIOD "period" Period required "month, quarter, half or year";
            CATEGORY "category" Text required "what the amount stands for: forecast, commit, best case or any other word";
            AMOUNT "amount" Money required "the forecast";
            CURRENCY "currency" Text optional "ISO 4217 code of the amount; the default currency where empty";
            NOTE "note" Text optional "free text";
        },
    }
}
