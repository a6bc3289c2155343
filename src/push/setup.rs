//! Which custom fields does a target need, and how are they made? A section of the configuration in, [`NeededField`]s out.

use crate::config::{ImportLayout, PushConfig, PushTarget, ScoreField};

/// A custom field that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededField {
    /// What goes in.
    pub of: ScoreField,
    /// Its name in the configuration.
    pub name: String,
    /// The type to give it.
    pub make: &'static str,
    /// `there`, what is wrong with it, or `not checked`.
    pub state: String,
}

/// The fields of `config`, with the type each is to be made with; `found` says of each how it was found.
#[must_use]
pub fn needed(config: &PushConfig, found: Option<&[Result<(), String>]>) -> Vec<NeededField> {
    let of = |(at, (of, name)): (usize, (&ScoreField, &String))| NeededField {
        of: *of,
        name: name.clone(),
        make: type_of(*of, config.target, config.layout),
        state: match found.and_then(|found| found.get(at)) {
            None => "not checked".to_owned(),
            Some(Ok(())) => "there".to_owned(),
            Some(Err(what)) => what.clone(),
        },
    };
    config.fields.iter().enumerate().map(of).collect()
}

/// What a field is made as.
fn type_of(of: ScoreField, target: PushTarget, layout: Option<ImportLayout>) -> &'static str {
    if target == PushTarget::Sqlite {
        return "made with the table";
    }
    let crm = match (target, layout) {
        (PushTarget::Espocrm, _) | (_, Some(ImportLayout::Espocrm)) => 0,
        (PushTarget::Vtiger, _) | (_, Some(ImportLayout::Vtiger)) => 1,
        (_, Some(ImportLayout::Salesforce)) => 2,
        (_, Some(ImportLayout::Hubspot)) => 3,
        (_, Some(ImportLayout::Zoho)) => 4,
        (_, Some(ImportLayout::Dynamics) | None) => 5,
    };
    let types: [&'static str; 6] = match of {
        ScoreField::Score | ScoreField::PreviousScore => {
            ["Integer", "Integer", "Number(3, 0)", "Number", "Number", "Whole Number"]
        }
        ScoreField::Probability => [
            "Float, 6 decimal places",
            "Decimal, 6 decimals",
            "Number(7, 6)",
            "Number",
            "Decimal, 6 places",
            "Decimal, 6 places",
        ],
        ScoreField::PredictedCloseDate | ScoreField::ScoredAt => {
            ["Date", "Date", "Date", "Date picker", "Date", "Date Only"]
        }
        ScoreField::TopFactors => {
            ["Text", "Text Area", "Long Text Area", "Multi-line text", "Multi Line", "Multiple Lines of Text"]
        }
        _ => ["Varchar", "Text", "Text", "Single-line text", "Single Line", "Single Line of Text"],
    };
    types[crm]
}

/// How custom fields are made, in a sentence.
#[must_use]
pub fn how(target: PushTarget, layout: Option<ImportLayout>) -> String {
    if target == PushTarget::Sqlite {
        return "table and columns are made when the first scores are written".to_owned();
    }
    format!("custom fields are made under {}", menu(target, layout))
}

fn menu(target: PushTarget, layout: Option<ImportLayout>) -> &'static str {
    match (target, layout) {
        (PushTarget::Espocrm, _) | (_, Some(ImportLayout::Espocrm)) => {
            "Administration > Entity Manager > Opportunity > Fields; EspoCRM puts a c before the name: winScore becomes cWinScore. Leave \"audited\" off. The user needs the role Opportunity: read all, edit all"
        }
        (PushTarget::Vtiger, _) | (_, Some(ImportLayout::Vtiger)) => {
            "CRM Settings > Module Layouts & Fields > Opportunities > Add Custom Field; `dealcast push setup` needs the name cf_..., which `describe` gives. The user of the web service needs \"Number of Currency Decimals\" at its maximum (5): it rounds decimal fields too"
        }
        (_, Some(ImportLayout::Salesforce)) => {
            "Setup > Object Manager > Opportunity > Fields & Relationships; use the API name, which ends in __c"
        }
        (_, Some(ImportLayout::Hubspot)) => {
            "Settings > Properties > Deal properties; use the label, which the import matches columns by"
        }
        (_, Some(ImportLayout::Zoho)) => "Setup > Modules and Fields > Deals; use the field label",
        (_, Some(ImportLayout::Dynamics) | None) => {
            "Power Apps > Tables > Opportunity > Columns; use the logical name, which begins with your prefix"
        }
    }
}
