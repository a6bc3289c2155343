//! Words to values: what became of a lead, forecast category, changed field.

use crate::domain::spelling::key;
use crate::domain::stage::ForecastCategory;
use crate::ingest::tables::LeadEnd;

/// What became of a lead, in the words CRMs use.
#[must_use]
pub fn lead_status(word: &str) -> Option<LeadEnd> {
    const ENDED: [&str; 22] = [
        "notconverted",
        "unqualified",
        "disqualified",
        "notqualified",
        "notinterested",
        "donotc",
        "nofit",
        "badfit",
        "junk",
        "lost",
        "dead",
        "rejected",
        "invalid",
        "spam",
        "duplicate",
        "cancel",
        "abandon",
        "archived",
        "discard",
        "bounced",
        "unsubscribed",
        "nottarget",
    ];
    const OPEN: [&str; 20] = [
        "open", "new", "working", "contact", "nurtur", "qualif", "attempt", "progress", "pending", "assigned",
        "active", "warm", "hot", "cold", "follow", "engag", "mql", "sql", "hold", "recycl",
    ];
    let key = key(word);
    let is = |words: &[&str]| words.iter().any(|word| key.contains(word));
    if is(&ENDED) {
        Some(LeadEnd::Disqualified)
    } else if ["won", "closedwon"].contains(&key.as_str()) || is(&["converted"]) {
        Some(LeadEnd::Converted)
    } else {
        is(&OPEN).then_some(LeadEnd::Open)
    }
}

/// The forecast category a CRM's label stands for.
#[must_use]
pub fn category(label: &str) -> Option<ForecastCategory> {
    // the customary spellings without a detour
    match label {
        "Pipeline" => Some(ForecastCategory::Pipeline),
        "Best Case" => Some(ForecastCategory::BestCase),
        "Commit" => Some(ForecastCategory::Commit),
        "Closed" => Some(ForecastCategory::Closed),
        "Omitted" => Some(ForecastCategory::Omitted),
        _ => ForecastCategory::from_label(label),
    }
}

/// The column of a change that a field-change log means by `field`.
#[must_use]
pub fn change_field(field: &str) -> Option<&'static str> {
    match key(field).as_str() {
        "stage" | "stagename" | "dealstage" | "salesstage" | "stageid" | "pipelinestage" | "hsdealstage" => {
            Some("stage")
        }
        "amount" | "value" | "dealvalue" | "estimatedvalue" | "expectedrevenue" | "revenue" => Some("amount"),
        "expectedclosedate" | "closedate" | "closingdate" | "estimatedclosedate" | "expectedclose" | "datedeadline" => {
            Some("expected_close_date")
        }
        "owner" | "ownerid" | "assigneduserid" | "assigneduser" | "userid" | "hubspotownerid" | "salesrep" => {
            Some("owner")
        }
        "forecastcategory" | "forecastcategoryname" | "forecast" => Some("forecast_category"),
        "probability" | "closeprobability" | "winprobability" => Some("probability"),
        _ => None,
    }
}
