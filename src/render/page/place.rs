//! Where the definition of a column stands on the page.

/// Where the definition of a column stands.
pub(super) fn place_of(table: &str, column: &str) -> String {
    format!("define/{table}/{column}")
}
