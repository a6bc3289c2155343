//! The input tables of the contract: their columns, and what kind of cell each holds.

/// What a column's cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names, words, ids.
    Text,
    /// Dates and times.
    Date,
    /// A period's label, or a date.
    Period,
    /// Money.
    Money,
    /// Other numbers: rates, chances, counts.
    Number,
}

/// A column of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Canonical name.
    pub name: &'static str,
    /// What its cells are.
    pub kind: Kind,
    /// Whether a table without it cannot be used.
    pub required: bool,
}

/// A table of the contract.
#[derive(Debug)]
pub struct TableSpec {
    /// Name of the source.
    pub name: &'static str,
    /// Columns the contract names.
    pub fields: &'static [Field],
    /// Whether further columns are read too.
    pub extras: bool,
}

/// Numbers the columns of a table.
macro_rules! positions {
    ($at:expr;) => {};
    ($at:expr; $index:ident $name:literal $($rest:tt)*) => {
        #[doc = concat!("Position of `", $name, "` in [`SPEC`].")]
        pub const $index: usize = $at;
        positions! { $at + 1; $($rest)* }
    };
}

macro_rules! table {
    ($module:ident, $doc:literal, extras $extras:literal; $($index:ident $name:literal $kind:ident $required:literal;)*) => {
        #[doc = $doc]
        pub mod $module {
            use crate::ingest::schema::{Field, Kind, TableSpec};

            positions! { 0; $($index $name)* }

            #[doc = $doc]
            pub static SPEC: TableSpec = TableSpec {
                name: stringify!($module),
                fields: &[$(Field { name: $name, kind: Kind::$kind, required: $required },)*],
                extras: $extras,
            };
        }
    };
}

table! { deals, "One row per deal.", extras true;
    DEAL_ID "deal_id" Text true;
    STAGE "stage" Text true;
    CREATED_AT "created_at" Date true;
    AMOUNT "amount" Money false;
    CURRENCY "currency" Text false;
    OWNER "owner" Text false;
    NAME "name" Text false;
    ACCOUNT "account" Text false;
    STATUS "status" Text false;
    EXPECTED_CLOSE_DATE "expected_close_date" Date false;
    CLOSED_AT "closed_at" Date false;
    SOURCE "source" Text false;
    PRODUCT "product" Text false;
    REGION "region" Text false;
    FORECAST_CATEGORY "forecast_category" Text false;
    PROBABILITY "probability" Number false;
    PIPELINE "pipeline" Text false;
    CAMPAIGN "campaign" Text false;
}

table! { stage_history, "What changed on a deal and when.", extras false;
    DEAL_ID "deal_id" Text true;
    CHANGED_AT "changed_at" Date true;
    STAGE "stage" Text false;
    AMOUNT "amount" Money false;
    EXPECTED_CLOSE_DATE "expected_close_date" Date false;
    OWNER "owner" Text false;
    FORECAST_CATEGORY "forecast_category" Text false;
    PROBABILITY "probability" Number false;
    FIELD "field" Text false;
    OLD_VALUE "old_value" Text false;
    NEW_VALUE "new_value" Text false;
}

table! { activities, "Calls, mails, meetings.", extras false;
    DEAL_ID "deal_id" Text true;
    OCCURRED_AT "occurred_at" Date true;
    KIND "kind" Text false;
    COUNT "count" Number false;
}

table! { leads, "People who may become customers, before there is a deal.", extras false;
    LEAD_ID "lead_id" Text true;
    CREATED_AT "created_at" Date true;
    DEAL_ID "deal_id" Text false;
    STATUS "status" Text false;
    CONVERTED_AT "converted_at" Date false;
    CLOSED_AT "closed_at" Date false;
    OWNER "owner" Text false;
    SOURCE "source" Text false;
    CAMPAIGN "campaign" Text false;
}

table! { touches, "What marketing did that reached a lead or the people of a deal.", extras false;
    TOUCHED_AT "touched_at" Date true;
    SOURCE "source" Text true;
    DEAL_ID "deal_id" Text false;
    LEAD_ID "lead_id" Text false;
    CAMPAIGN "campaign" Text false;
}

table! { quotas, "Targets.", extras false;
    OWNER "owner" Text false;
    TEAM "team" Text false;
    REGION "region" Text false;
    PERIOD "period" Period true;
    QUOTA "quota" Money true;
    CURRENCY "currency" Text false;
}

table! { users, "Owners and their place in the structure.", extras false;
    OWNER "owner" Text true;
    NAME "name" Text false;
    MANAGER "manager" Text false;
    TEAM "team" Text false;
    REGION "region" Text false;
    ACTIVE_FROM "active_from" Date false;
    ACTIVE_TO "active_to" Date false;
}

table! { fx_rates, "Dated rates to the base currency.", extras false;
    CURRENCY "currency" Text true;
    DATE "date" Date true;
    RATE "rate" Number true;
}

table! { campaign_costs, "Marketing spend.", extras false;
    SOURCE "source" Text true;
    PERIOD "period" Period true;
    COST "cost" Money true;
    CURRENCY "currency" Text false;
    CAMPAIGN "campaign" Text false;
}

table! { revisions, "Submitted forecasts and adjustments.", extras false;
    SUBMITTED_AT "submitted_at" Date true;
    AUTHOR "author" Text true;
    OWNER "owner" Text true;
    PERIOD "period" Period true;
    CATEGORY "category" Text true;
    AMOUNT "amount" Money true;
    CURRENCY "currency" Text false;
    NOTE "note" Text false;
}

/// A file that adds columns to a table.
pub mod lookup {
    use crate::ingest::schema::TableSpec;

    /// It has no columns of its own.
    pub static SPEC: TableSpec = TableSpec { name: "lookup", fields: &[], extras: true };
}
