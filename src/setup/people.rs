//! Who the owners of the deals are: the column of the users table the deals name them by, and their structure.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{ColumnNames, ColumnRecipe};
use crate::ingest::profile::{Counted, tally};
use crate::setup::proposal::Proposal;
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

/// Says what structure there is without a users table.
pub(super) fn say_without_users(proposal: &mut Proposal) {
    if proposal.text_of("sources.users", "path").is_none() {
        proposal.found.push("no file places owners under managers, teams or regions: there are none".to_owned());
    }
}
