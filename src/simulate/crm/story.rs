//! What holds of a deal from each moment on, told whole: the log tells only what differs from the row before.

use std::collections::HashMap;

use crate::simulate::crm::text_table::TextTable;

/// What the log tells of, in the order of [`Entry::values`].
pub(super) const FIELDS: [&str; 6] =
    ["stage", "amount", "expected_close_date", "owner", "forecast_category", "probability"];

/// Where the stage stands in [`FIELDS`].
pub(super) const STAGE: usize = 0;
/// Where the expected closing day stands in [`FIELDS`].
pub(super) const EXPECTED: usize = 2;

/// What holds from a moment on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// When, as the canonical table writes it.
    pub at: String,
    /// By [`FIELDS`].
    pub values: [String; 6],
}

impl Entry {
    /// Which of `fields` differ from the entry before; all that are filled where there is none.
    pub fn changes<'a>(&'a self, before: Option<&'a Self>, fields: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        let old = move |field: usize| before.map_or("", |before| before.values[field].as_str());
        fields.iter().copied().filter(move |&field| self.values[field] != old(field))
    }
}

/// The entries of every deal, in the order of the deals table.
pub(super) fn stories(deals: &TextTable, history: &TextTable) -> Vec<Vec<Entry>> {
    let ids: HashMap<&str, usize> =
        deals.rows.iter().enumerate().map(|(at, row)| (deals.cell(row, "deal_id"), at)).collect();
    let mut stories: Vec<Vec<Entry>> = vec![Vec::new(); deals.rows.len()];
    for row in &history.rows {
        let Some(&deal) = ids.get(history.cell(row, "deal_id")) else { continue };
        let story = &mut stories[deal];
        let mut values = story.last().map_or_else(Default::default, |entry| entry.values.clone());
        for (value, name) in values.iter_mut().zip(FIELDS) {
            let cell = history.cell(row, name);
            if !cell.is_empty() {
                cell.clone_into(value);
            }
        }
        story.push(Entry { at: history.cell(row, "changed_at").to_owned(), values });
    }
    stories
}
