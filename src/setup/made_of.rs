//! What a canonical column is made of, to the columns of a file and back.

use serde::Deserialize;

use crate::config::ColumnNames;

/// The columns of the file something is made of.
pub(super) fn parts(names: &ColumnNames) -> Vec<String> {
    let recipe = names.recipe();
    recipe.first_filled.into_iter().chain(recipe.join).collect()
}

/// How a column is made, as an answer or a configuration says it.
pub(super) fn column_of(text: &str) -> Option<ColumnNames> {
    #[derive(Deserialize)]
    struct Said {
        column: ColumnNames,
    }
    if text.starts_with(['[', '{', '"']) {
        return toml::from_str(&format!("column = {text}")).ok().map(|said: Said| said.column);
    }
    Some(ColumnNames::One(text.to_owned()))
}
