//! Who the owners of the deals are: the column of the users table the deals name them by, and their structure.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{ColumnNames, ColumnRecipe};
use crate::ingest::profile::{Counted, tally};
use crate::setup::made_of::parts;
use crate::setup::proposal::{ConfigValue, Proposal, Sure};
use crate::setup::recognise::Recognised;
use crate::setup::roles::Assigned;

/// The share of the deals' owners a column must have to be the one that names them.
const NAMES_THEM: f64 = 0.3;

/// Makes `owner` of the users the column whose values the deals have.
pub(super) fn settle_owners(
    users: &mut Assigned<'_>,
    deals: &Recognised<'_>,
    base: &Path,
    proposal: &mut Proposal,
) -> bool {
    let Some(owners) = deals.single("owner").and_then(|owner| deals.file.column(owner)) else { return false };
    let file = users.reading.file;
    let best = file.columns.iter().map(|column| (owners.is_covered_by(column), column));
    let best = best.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let whole_names = joined_names(&users.reading, base);
    let joined = owners.values.keys().filter(|owner| whole_names.contains(*owner)).count() as f64
        / owners.values.len().max(1) as f64;
    let (share, made_of) = match best {
        Some((share, column)) if share >= joined => (share, ColumnNames::One(column.name.clone())),
        _ => match name_columns(&users.reading) {
            Some(join) => (joined, ColumnNames::Recipe(ColumnRecipe { join, ..ColumnRecipe::default() })),
            None => return false,
        },
    };
    let of_all = format!("{:.0} % of the {} owners of the deals are in it", share * 100.0, owners.distinct());
    if share < NAMES_THEM {
        proposal.unread.push(format!("{}: only {of_all}", file.path));
        return false;
    }
    let name = users.reading.columns.get("name").cloned();
    if matches!(&made_of, ColumnNames::Recipe(_)) && name.is_none() {
        users.reading.columns.insert("name", made_of.clone());
    }
    users.reading.columns.insert("owner", made_of);
    proposal.found.push(format!("{}: {of_all}", file.path));
    true
}

/// First and last name, where the file has both.
fn name_columns(users: &Recognised<'_>) -> Option<Vec<String>> {
    [["First Name", "Last Name"], ["Vorname", "Nachname"], ["Prénom", "Nom"], ["Nombre", "Apellidos"]].iter().find_map(
        |pair| {
            let found: Vec<String> =
                pair.iter().filter_map(|name| users.file.column(name)).map(|column| column.name.clone()).collect();
            (found.len() == 2).then_some(found)
        },
    )
}

fn joined_names(users: &Recognised<'_>, base: &Path) -> BTreeSet<String> {
    let Some(names) = name_columns(users) else { return BTreeSet::new() };
    let columns: Vec<Counted<'_>> = names.iter().map(|name| Counted::Cell(name)).collect();
    tally(&users.file.path, base, &columns).unwrap_or_default().into_keys().map(|cells| cells.join(" ")).collect()
}

/// Columns of a deals table that may say where its owner belongs, by canonical column, beside those the presets know.
const PLACES: [(&str, &[&str]); 3] = [
    ("manager", &["Sales Manager", "Owner Manager", "Owner's Manager", "Vertriebsleiter", "Teamleiter", "Team Lead"]),
    ("team", &["Sales Team", "Owner Team", "HubSpot Team", "Team", "Vertriebsteam"]),
    ("region", &["Sales Region", "Owner Region", "Regional Office", "Vertriebsregion"]),
];
/// Fewer owners show no structure.
const FEWEST_OWNERS: usize = 3;

/// Takes the structure from the deals themselves, where a column says the same of every deal of an owner.
pub(super) fn settle_from_deals(proposal: &mut Proposal, deals: &Assigned<'_>, base: &Path) {
    let Some(owner) = deals.reading.single("owner").map(str::to_owned) else { return };
    if proposal.text_of("sources.users", "path").is_some() || deals.copies.is_some() {
        return;
    }
    let taken: Vec<String> = deals.reading.columns.values().flat_map(parts).collect();
    let mut placed: Vec<(&str, String, usize, usize)> = Vec::new();
    for (place, names) in PLACES {
        let mut named = names.iter().filter_map(|name| deals.reading.file.column(name));
        let Some(column) = named.find(|column| column.filled > 0 && !taken.contains(&column.name)) else { continue };
        let pairs = tally(&deals.path, base, &[Counted::Cell(&owner), Counted::Cell(&column.name)]).unwrap_or_default();
        let owners: BTreeSet<&String> = pairs.keys().map(|cells| &cells[0]).filter(|owner| !owner.is_empty()).collect();
        let places: BTreeSet<&String> = pairs.keys().map(|cells| &cells[1]).collect();
        let one_each = pairs.keys().filter(|cells| !cells[0].is_empty()).count() == owners.len();
        if one_each && owners.len() >= FEWEST_OWNERS && places.len() > 1 && places.len() < owners.len() {
            placed.push((place, column.name.clone(), owners.len(), places.len()));
        }
    }
    if placed.is_empty() {
        return;
    }
    let why = "the deals name their owner's place, the same on all deals of an owner";
    proposal.set("sources.users", "path", deals.path.as_str(), why, Sure::Certain);
    // the same file is written in the same way
    let written = proposal.sections.iter().find(|section| section.name == "sources.deals");
    let written: Vec<ConfigValue> = written
        .into_iter()
        .flat_map(|section| &section.settings)
        .filter(|setting| ["separator", "encoding"].contains(&setting.key.as_str()))
        .cloned()
        .collect();
    proposal.section("sources.users").settings.extend(written);
    let columns = "sources.users.columns";
    proposal.set(columns, "owner", owner.as_str(), "as the deals name it", Sure::Certain);
    for (place, column, owners, places) in placed {
        let why = format!("{owners} owners in {places} of them, each in one");
        proposal.found.push(format!("{}: {column} is the {place} of each owner: {why}", deals.path));
        proposal.set(columns, place, column.as_str(), why, Sure::Certain);
    }
}

/// Says what structure there is without a users table.
pub(super) fn say_without_users(proposal: &mut Proposal) {
    if proposal.text_of("sources.users", "path").is_none() {
        proposal.found.push("no file places owners under managers, teams or regions: there are none".to_owned());
    }
}
