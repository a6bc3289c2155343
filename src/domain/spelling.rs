//! Names as people stay them: the same name in another dress, and the name that may have been meant.

/// Only the letters and digits of a name, in lower case: `Deal ID`, `deal-id` and `DealId` are the same.
#[must_use]
pub fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name nearest to `wanted`, if any is near enough to be a misspelling of it.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = key(wanted);
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    let distance = |name: &str| edit_distance(&wanted, &key(name));
    names.into_iter().map(|name| (distance(name), name)).filter(|(d, _)| *d <= limit).min().map(|(_, name)| name)
}

/// Whether two names that are not the same are so near that one may be a misspelling of the other: names of letters only,
/// apart by one letter in four, two at most.
#[must_use]
pub fn is_near(a: &str, b: &str) -> bool {
    let (a, b) = (key(a), key(b));
    let letters = |name: &str| name.chars().count() >= 5 && !name.contains(|c: char| c.is_numeric());
    let most = (a.chars().count() / 4).min(2);
    a != b && letters(&a) && letters(&b) && edit_distance(&a, &b) <= most
}

/// Insertions, deletions and replacements that lead from `a` to `b` (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replace = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_word() {
        assert_eq!(nearest("stag", ["status", "stage", "name"]), Some("stage"));
        assert_eq!(nearest("Crated At", ["created_at", "closed_at"]), Some("created_at"));
        assert_eq!(nearest("xyzzy", ["stage"]), None);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert!(
            is_near("Jonathan Sith", "Jonathan Smith") && !is_near("Anna", "Anne") && !is_near("Team 11", "Team 12")
        );
    }
}
