//! What people are called: [`People`], names by id.

use std::collections::BTreeMap;

use super::cell::TableCells;

/// What owners and managers are called, by id: those who share a name by name and id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People(BTreeMap<String, String>);

impl People {
    /// The names of these ids; the last name of an id counts.
    #[must_use]
    pub fn of<'n>(named: impl IntoIterator<Item = (&'n str, &'n str)>) -> Self {
        let names: BTreeMap<&str, &str> = named.into_iter().collect();
        let mut bearers: BTreeMap<&str, usize> = BTreeMap::new();
        names.values().for_each(|name| *bearers.entry(name).or_default() += 1);
        let told = names.iter().map(|(id, name)| match bearers[name] {
            1 => ((*id).to_owned(), (*name).to_owned()),
            _ => ((*id).to_owned(), format!("{name} ({id})")),
        });
        Self(told.collect())
    }

    /// The owners and managers among the nodes of a table with `level`, `node` and `node_name`.
    #[must_use]
    pub fn of_nodes(cells: TableCells<'_>) -> Self {
        let text = |column, row| cells.at(column, row).text().unwrap_or_default();
        let people = (0..cells.rows()).filter(|row| ["owner", "manager"].contains(&text("level", *row)));
        Self::of(people.map(|row| (text("node", row), text("node_name", row))))
    }

    /// What people call `id`: the id itself where nobody says.
    #[must_use]
    pub fn name<'p>(&'p self, id: &'p str) -> &'p str {
        self.0.get(id).map_or(id, String::as_str)
    }

    /// The names by id.
    #[must_use]
    pub fn names(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_who_share_a_name_are_told_apart() {
        let people = People::of([("u1", "Ann"), ("u2", "Bob"), ("u3", "Ann")]);
        assert_eq!(["u1", "u2", "u3", "u4"].map(|id| people.name(id)), ["Ann (u1)", "Bob", "Ann (u3)", "u4"]);
    }
}
