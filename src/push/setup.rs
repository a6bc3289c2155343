//! Which custom fields does a target need, and how are they made? A section of the configuration in, [`NeededField`]s out.

use crate::config::{ImportLayout, PushConfig, PushTarget, ScoreField};
use crate::push::target::ToMake;
use crate::push::targets::{SqlDialect, SqlTable};

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

/// The fields of `config`, with the type each is to be made with; `found` says of each how it was found, `to_make` what the
/// first write makes.
#[must_use]
pub fn needed(config: &PushConfig, found: Option<&[Result<(), String>]>, to_make: &ToMake) -> Vec<NeededField> {
    let of = |(at, (of, name)): (usize, (&ScoreField, &String))| NeededField {
        of: *of,
        name: name.clone(),
        make: type_of(*of, config.target, config.layout),
        state: match found.and_then(|found| found.get(at)) {
            None => "not checked".to_owned(),
            Some(Ok(())) if to_make.fields.contains(name) => "made by the first write".to_owned(),
            Some(Ok(())) => "there".to_owned(),
            Some(Err(what)) => what.clone(),
        },
    };
    config.fields.iter().enumerate().map(of).collect()
}

/// What a CRM calls the types of the fields that are needed, and where they are made.
struct CrmSetup {
    score: &'static str,
    probability: &'static str,
    day: &'static str,
    /// The same where a server is written to, which says whether a field takes days or days with a time, and takes either.
    moment: &'static str,
    long_text: &'static str,
    text: &'static str,
    menu: &'static str,
}

const ESPOCRM: CrmSetup = CrmSetup {
    score: "Integer",
    probability: "Float, 6 decimal places",
    day: "Date",
    moment: "Date or Date-Time",
    long_text: "Text",
    text: "Varchar",
    menu: "Administration > Entity Manager > Opportunity > Fields; EspoCRM puts a c before the name: winScore becomes cWinScore. Leave \"audited\" off. The user needs the role Opportunity: read all, edit all; for imports of many also create yes and Import enabled",
};

const VTIGER: CrmSetup = CrmSetup {
    score: "Integer",
    probability: "Decimal, 6 decimals",
    day: "Date",
    moment: "Date",
    long_text: "Text Area",
    text: "Text",
    menu: "CRM Settings > Module Layouts & Fields > Opportunities > Add Custom Field; `dealcast push setup` needs the name cf_..., which `describe` gives. The user of the web service needs \"Number of Currency Decimals\" at its maximum (5), because it rounds decimal fields too, and a point as decimal separator",
};

const SALESFORCE: CrmSetup = CrmSetup {
    score: "Number(3, 0)",
    probability: "Number(7, 6)",
    day: "Date",
    moment: "Date or Date/Time",
    long_text: "Long Text Area",
    text: "Text",
    menu: "Setup > Object Manager > Opportunity > Fields & Relationships; use the API name, which ends in __c. Where `object` names one, they are made in that object, whose lookup to Opportunity is `deal_field`; dealcast makes none of its records. The user needs \"API Enabled\", edit of opportunities and of these fields; leave field history tracking off",
};

const HUBSPOT: CrmSetup = CrmSetup {
    score: "Number",
    probability: "Number",
    day: "Date picker",
    moment: "Date picker or Date and time picker",
    long_text: "Multi-line text",
    text: "Single-line text",
    menu: "Settings > Properties > Deal properties; `hubspot` needs the internal name, files the label, which the import matches columns by. The private app needs the scopes crm.objects.deals.read, crm.objects.deals.write and crm.schemas.deals.read",
};

const ZOHO: CrmSetup = CrmSetup {
    score: "Number",
    probability: "Decimal, 6 places",
    day: "Date",
    moment: "Date or Date/Time",
    long_text: "Multi Line",
    text: "Single Line",
    menu: "Setup > Modules and Fields > Deals; `zoho` needs the API name, files the field label. The client needs the scopes ZohoCRM.modules.deals.ALL and ZohoCRM.settings.fields.READ",
};

const DYNAMICS: CrmSetup = CrmSetup {
    score: "Whole Number",
    probability: "Decimal, 6 places",
    day: "Date Only",
    moment: "Date Only",
    long_text: "Multiple Lines of Text",
    text: "Single Line of Text",
    menu: "Power Apps > Tables > Opportunity > Columns; use the logical name, which begins with your prefix",
};

const DYNAMICS_SCORES: CrmSetup = CrmSetup {
    score: "there",
    probability: "there",
    day: "there",
    moment: "there",
    long_text: "there",
    text: "there",
    menu: "no menu: the table msdyn_predictivescores comes with Dynamics 365 Sales, and its columns are msdyn_score, msdyn_grade, msdyn_scoretrend and msdyn_scoredon. Switch off Microsoft's own scoring model, which writes them too",
};

const ODOO: CrmSetup = CrmSetup {
    score: "Integer",
    probability: "Decimal",
    day: "Date",
    moment: "Date or Date & Time",
    long_text: "Multiline Text",
    text: "Text",
    menu: "Studio, or Settings > Technical > Database Structure > Fields of the model crm.lead in developer mode; names begin with x_ (Studio: x_studio_). Leave tracking off. The key: Preferences > Account Security > New API Key, of a user of its own with the right to write leads; it ends after three months at most. Automation rules that watch the lead for any update should name their fields",
};

const PIPEDRIVE: CrmSetup = CrmSetup {
    score: "Numerical",
    probability: "Numerical",
    day: "Date",
    moment: "Date",
    long_text: "Large text",
    text: "Text",
    menu: "Company settings > Data fields > Lead/deal; use the name, or the key of 40 characters where several fields have it. The token: Personal preferences > API, of a user who may edit every deal",
};

const TEMPLATE: CrmSetup = CrmSetup {
    score: "whole number",
    probability: "number with 6 decimals",
    day: "day",
    moment: "day",
    long_text: "long text",
    text: "text",
    menu: "whatever menu the CRM has; use the names they have in its JSON",
};

/// What the fields are made by; none where they are made with the table.
fn crm(target: PushTarget, layout: Option<ImportLayout>) -> Option<&'static CrmSetup> {
    Some(match (target, layout) {
        (PushTarget::Sqlite | PushTarget::Postgres | PushTarget::Mysql, _) => return None,
        (PushTarget::Espocrm, _) | (PushTarget::File, Some(ImportLayout::Espocrm)) => &ESPOCRM,
        (PushTarget::Vtiger, _) | (PushTarget::File, Some(ImportLayout::Vtiger)) => &VTIGER,
        (PushTarget::Salesforce, _) | (PushTarget::File, Some(ImportLayout::Salesforce)) => &SALESFORCE,
        (PushTarget::Hubspot, _) | (PushTarget::File, Some(ImportLayout::Hubspot)) => &HUBSPOT,
        (PushTarget::Zoho, _) | (PushTarget::File, Some(ImportLayout::Zoho)) => &ZOHO,
        (PushTarget::Odoo, _) => &ODOO,
        (PushTarget::Pipedrive, _) => &PIPEDRIVE,
        (PushTarget::Template, _) => &TEMPLATE,
        (PushTarget::File, Some(ImportLayout::Dynamics) | None) => &DYNAMICS,
        (PushTarget::File, Some(ImportLayout::DynamicsScores)) => &DYNAMICS_SCORES,
    })
}

/// What a field is made as.
fn type_of(of: ScoreField, target: PushTarget, layout: Option<ImportLayout>) -> &'static str {
    if let Some(dialect) = SqlDialect::of(target) {
        return dialect.type_of(of);
    }
    let Some(crm) = crm(target, layout) else { return "made with the table" };
    match of {
        ScoreField::Score | ScoreField::PreviousScore => crm.score,
        ScoreField::Probability => crm.probability,
        ScoreField::PredictedCloseDate | ScoreField::ScoredAt if target == PushTarget::File => crm.day,
        ScoreField::PredictedCloseDate | ScoreField::ScoredAt => crm.moment,
        ScoreField::TopFactors => crm.long_text,
        _ => crm.text,
    }
}

/// The statement that makes the whole table, of a target that is one.
#[must_use]
pub fn table_to_make(config: &PushConfig) -> ToMake {
    let make = |dialect| {
        SqlTable::named(dialect, &config.table).create(config.fields.iter().map(|(of, name)| (*of, name.as_str())))
    };
    ToMake { statements: SqlDialect::of(config.target).map(make).into_iter().collect(), fields: Vec::new() }
}

/// How custom fields are made, in a sentence.
#[must_use]
pub fn how(target: PushTarget, layout: Option<ImportLayout>) -> String {
    match crm(target, layout) {
        None => "table and columns are made when the first scores are written".to_owned(),
        Some(crm) => format!("custom fields are made under {}{}", crm.menu, tried(target)),
    }
}

/// What is to be said of targets that were never tried against a server.
fn tried(target: PushTarget) -> &'static str {
    match target {
        PushTarget::Salesforce
        | PushTarget::Hubspot
        | PushTarget::Zoho
        | PushTarget::Odoo
        | PushTarget::Pipedrive
        | PushTarget::Template => {
            ". This target was tried against doubles of ours only, made from public documentation: begin with `dealcast push apply --limit 10`"
        }
        PushTarget::Espocrm | PushTarget::Vtiger => {
            ". This target was tried against a double of ours, made from recordings of a real server, never against a server itself: begin with `dealcast push apply --limit 10`"
        }
        PushTarget::File | PushTarget::Sqlite | PushTarget::Postgres | PushTarget::Mysql => "",
    }
}
