//! Side files that add columns to the deals by a key both have: price lists, accounts.

use toml_edit::Value;

use crate::config::{ColumnNames, ColumnRecipe};
use crate::domain::spelling::key;
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::setup::deals::{column_value, list};
use crate::setup::proposal::{ConfigSection, ConfigValue, Proposal, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::stages::counts::StageCounts;

/// The share of the deals' values a side file must know.
const KNOWS: f64 = 0.5;
/// Most columns that are taken from a side file.
const MOST_TAKEN: usize = 12;
/// How columns with prices begin or end.
const PRICES: [&str; 7] = ["price", "preis", "prix", "precio", "prijs", "preço", "preco"];

/// Adds the columns of side files to the deals. Returns the files that were taken.
pub(super) fn settle_lookups(
    proposal: &mut Proposal,
    deals: &mut Recognised<'_>,
    others: &[&FileProfile],
    counts: &StageCounts,
) -> Vec<String> {
    let mut taken = Vec::new();
    for file in others {
        let Some((left, column, right)) = shared_key(deals, file) else { continue };
        spell_alike(proposal, &left, column, right);
        let known = |name: &str| deals.file.column(name).is_some() || name.is_empty();
        let take: Vec<&str> = file
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .filter(|name| *name != right.name && !known(name))
            .collect();
        if take.is_empty() || take.len() > MOST_TAKEN {
            continue;
        }
        let why = format!(
            "{} has one row for each {}, and {:.0} % of those of the deals",
            file.name,
            right.name,
            covered(column, right) * 100.0
        );
        let mut section = ConfigSection {
            name: "sources.deals.lookups".to_owned(),
            is_listed: true,
            comment: String::new(),
            settings: Vec::new(),
        };
        let settings: [(&str, Value, String); 4] = [
            ("path", file.path.as_str().into(), why),
            ("left", left.as_str().into(), String::new()),
            ("right", right.name.as_str().into(), String::new()),
            ("take", list(take.iter().copied()), String::new()),
        ];
        for (key, value, why) in settings {
            section.settings.push(ConfigValue { key: key.to_owned(), value, why, sure: Sure::Certain });
        }
        proposal.sections.push(section);
        price_open_deals(proposal, deals, file, &take, counts);
        taken.push(file.path.clone());
    }
    taken
}

/// The column deals and file share, and which tells the rows of the file apart.
fn shared_key<'a>(
    deals: &'a Recognised<'_>,
    file: &'a FileProfile,
) -> Option<(String, &'a ColumnProfile, &'a ColumnProfile)> {
    let unique = |column: &&ColumnProfile| column.distinct() == file.rows && column.filled == file.rows;
    file.columns.iter().filter(unique).find_map(|right| {
        let column = deals.file.columns.iter().find(|column| key(&column.name) == key(&right.name))?;
        let canonical =
            deals.columns.iter().find(|(_, names)| matches!(names, ColumnNames::One(name) if *name == column.name));
        let left = canonical.map_or(column.name.clone(), |(name, _)| (*name).to_owned());
        (covered(column, right) >= KNOWS && left != "deal_id").then_some((left, column, right))
    })
}

/// The share of the deals' values the side file has, in any spelling.
fn covered(column: &ColumnProfile, right: &ColumnProfile) -> f64 {
    column.is_covered_by(right)
}

/// Values that differ from the side file's in blanks, case or signs only.
fn spell_alike(proposal: &mut Proposal, left: &str, column: &ColumnProfile, right: &ColumnProfile) {
    for (value, rows) in column.values.iter().filter(|(value, _)| !right.values.contains_key(*value)) {
        if let Some(meant) = right.values.keys().find(|known| key(known) == key(value) && !key(value).is_empty()) {
            let why = format!("{rows} rows spell {meant:?} so");
            proposal.set(&format!("sources.deals.values.{left}"), value, meant.as_str(), why, Sure::Certain);
        }
    }
}

/// Open deals without an amount have their list price, where the side file has one.
fn price_open_deals(
    proposal: &mut Proposal,
    deals: &mut Recognised<'_>,
    file: &FileProfile,
    take: &[&str],
    counts: &StageCounts,
) {
    let sum = |of: fn(&crate::setup::outcomes::StageRows) -> u64| counts.values().map(of).sum::<u64>();
    let (open, priced) = (sum(|rows| rows.open), sum(|rows| rows.open_priced));
    let (Some(amount), true) = (deals.single("amount").map(str::to_owned), open > 0 && priced * 20 <= open) else {
        return;
    };
    let is_price = |name: &&&str| PRICES.iter().any(|word| name.to_lowercase().contains(word));
    let Some(price) =
        take.iter().filter(is_price).find(|name| file.column(name).is_some_and(|column| column.number_share() > 0.9))
    else {
        return;
    };
    let lost = sum(|rows| rows.lost);
    let zeros = deals.file.column(&amount).and_then(|column| column.values.get("0")).copied().unwrap_or(0);
    let except = if lost > 0 && zeros * 10 >= lost * 9 { vec!["0".to_owned()] } else { Vec::new() };
    let said = if except.is_empty() { "" } else { " and lost ones 0" };
    let why = format!("open deals have no {amount}{said}: the {price} is what was known while they were open");
    let recipe = ColumnRecipe { first_filled: vec![amount, (*price).to_owned()], except, ..ColumnRecipe::default() };
    let names = ColumnNames::Recipe(recipe);
    proposal.set("sources.deals.columns", "amount", column_value(&names), why, Sure::Likely);
    deals.columns.insert("amount", names);
}
