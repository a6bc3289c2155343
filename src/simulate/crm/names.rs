//! Ids and names as a CRM has them: of deals, of people, of stages.

use std::collections::{BTreeMap, BTreeSet};

use crate::presets::{ExportShape, OwnerWord};
use crate::simulate::catalogue::STAGES;
use crate::simulate::org::Organisation;

/// Numbers of managers begin behind those of owners.
const FIRST_MANAGER: u64 = 100_000;

/// What everyone is called.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Canonical id -> what deals and tables call the person by.
    called: BTreeMap<String, String>,
    /// Canonical id -> name; no two are the same.
    named: BTreeMap<String, String>,
    /// Name -> the id it has in the table of people.
    ids: BTreeMap<String, String>,
    deal_ids: &'static str,
    stage_ids: Option<&'static str>,
}

impl Names {
    pub fn of(shape: &'static ExportShape, organisation: &Organisation) -> Self {
        let managers = organisation.teams.iter().map(|team| (&team.manager, &team.manager_name));
        let owners = organisation.owners.iter().map(|owner| (&owner.id, &owner.name));
        let mut taken = BTreeSet::new();
        let (mut called, mut named, mut ids) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (id, name) in owners.chain(managers) {
            let name = untaken(name, &mut taken);
            let number = numbered(&shape.owner_ids, person_number(id));
            ids.insert(name.clone(), number.clone());
            let word = match shape.owners {
                OwnerWord::Id => number,
                OwnerWord::Name => name.clone(),
            };
            called.insert(id.clone(), word);
            named.insert(id.clone(), name);
        }
        Self { called, named, ids, deal_ids: &shape.deal_ids, stage_ids: shape.stage_ids.as_deref() }
    }

    /// The id of a deal, from its canonical one.
    pub fn deal(&self, id: &str) -> String {
        numbered(self.deal_ids, number_in(id))
    }

    /// What a person is called by, from the canonical id.
    pub fn person(&self, id: &str) -> String {
        self.called.get(id).cloned().unwrap_or_default()
    }

    /// A person's name, from the canonical id.
    pub fn name(&self, id: &str) -> String {
        self.named.get(id).cloned().unwrap_or_default()
    }

    /// The id of whom deals call by a name; whatever else deals call people by.
    pub fn id(&self, called: &str) -> String {
        self.ids.get(called).cloned().unwrap_or_else(|| called.to_owned())
    }

    /// What a stage is called by.
    pub fn stage(&self, label: &str) -> String {
        let Some(pattern) = self.stage_ids else { return label.to_owned() };
        let at = STAGES.iter().chain(&["Closed Won", "Closed Lost"]).position(|stage| *stage == label);
        at.map_or(String::new(), |at| numbered(pattern, at as u64 + 1))
    }
}

/// A name nobody has yet.
fn untaken(name: &str, taken: &mut BTreeSet<String>) -> String {
    let name = (1_u32..)
        .map(|i| if i == 1 { name.to_owned() } else { format!("{name} {i}") })
        .find(|name| !taken.contains(name))
        .unwrap_or_default();
    taken.insert(name.clone());
    name
}

/// Owners count from 1, managers from [`FIRST_MANAGER`].
fn person_number(id: &str) -> u64 {
    number_in(id) + if id.starts_with('m') { FIRST_MANAGER } else { 0 }
}

fn number_in(id: &str) -> u64 {
    id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
}

/// The id a pattern gives for a number.
fn numbered(pattern: &str, number: u64) -> String {
    pattern.replace("{n8}", &format!("{number:08}")).replace("{n}", &number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_tell_people_apart() {
        assert_eq!(numbered("0065g00{n8}AAA", 12), "0065g0000000012AAA");
        assert_eq!((person_number("u00012"), person_number("m0012")), (12, 100_012));
        let mut taken = BTreeSet::new();
        let names: Vec<String> = (0..3).map(|_| untaken("Ada Abe", &mut taken)).collect();
        assert_eq!(names, ["Ada Abe", "Ada Abe 2", "Ada Abe 3"]);
    }
}
