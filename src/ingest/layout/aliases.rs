//! Other names of canonical columns, from `aliases.toml`: the data, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type AliasesByColumn = BTreeMap<String, Vec<String>>;

static ALIASES: LazyLock<BTreeMap<String, AliasesByColumn>> =
    LazyLock::new(|| toml::from_str(include_str!("aliases.toml")).unwrap_or_default());

/// The names `column` of `table` has in exports, the most certain first.
pub(super) fn aliases_of(table: &str, column: &str) -> &'static [String] {
    ALIASES.get(table).and_then(|columns| columns.get(column)).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::inputs::InputTable;
    use crate::domain::spelling::key;

    #[test]
    fn every_alias_is_of_a_canonical_column_and_of_one_only() {
        assert!(!ALIASES.is_empty(), "the file is no TOML");
        for (table, columns) in ALIASES.iter() {
            let spec = InputTable::from_name(table).expect("a table").spec();
            let canonical: BTreeSet<String> = spec.column_names().map(key).collect();
            let mut seen = BTreeSet::new();
            for (column, aliases) in columns {
                assert!(spec.position(column).is_some(), "{table}.{column}");
                for alias in aliases {
                    let of_another = canonical.contains(&key(alias)) && key(alias) != key(column);
                    assert!(!of_another && (seen.insert(key(alias)) || key(alias) == key(column)), "{table}: {alias}");
                }
            }
        }
    }

    /// What a preset knows of a name in the same table is what the alias says: the two do not drift apart.
    #[test]
    fn presets_mean_the_same_by_an_alias() {
        let mut known = 0;
        for (table, columns) in ALIASES.iter() {
            for (alias, column) in columns.iter().flat_map(|(column, all)| all.iter().map(move |alias| (alias, column)))
            {
                let tables = crate::presets::presets().iter().flat_map(|preset| &preset.tables);
                let styles = tables.filter(|of| of.role.name() == table).flat_map(|of| &of.headers);
                let styles = styles.filter(|style| style.language.starts_with("en"));
                let named = |names: &[&str]| names.iter().any(|name| key(name) == key(alias));
                let meant: BTreeSet<&String> = styles
                    .flat_map(|style| style.columns.keys().filter(move |column| named(&style.names_of(column))))
                    .collect();
                known += usize::from(!meant.is_empty());
                assert!(meant.is_empty() || meant.contains(column), "{table}: {alias} is {meant:?}, not {column}");
            }
        }
        assert!(known > 80, "{known}");
    }
}
