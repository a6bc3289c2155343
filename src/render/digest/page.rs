//! One digest as data: what the HTML, the Markdown and the JSON show.

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::changes;
use super::headline::{headline, numbers, row_of};
use super::recipients::Recipient;
use super::todo::{LookAgain, Todo, to_look_at, todo};
use crate::render::page::PageSetting;

/// Everything a digest says.
#[derive(Debug, Serialize)]
pub(super) struct Digest<'m> {
    /// `owner` or `manager`.
    pub level: &'static str,
    pub id: &'m str,
    pub name: &'m str,
    pub as_of: &'m str,
    pub as_of_shown: String,
    pub language: &'m str,
    pub model_id: Option<&'m str>,
    /// The running fiscal period.
    pub period: &'m str,
    pub headline: String,
    /// The numbers of the headline, as the `forecast` table has them.
    pub numbers: BTreeMap<&'static str, String>,
    pub actions: Vec<Todo>,
    /// Deals and forecasts with something to do that are not listed.
    pub more_actions: usize,
    /// Whether actions stand last because their currency has no exchange rate.
    pub actions_without_rate: bool,
    pub changes: Vec<String>,
    pub look_at: Vec<LookAgain>,
}

impl<'m> Digest<'m> {
    /// The digest of `recipient`.
    pub fn of(setting: PageSetting<'m>, recipient: &Recipient<'m>) -> Self {
        let row = row_of(setting, recipient);
        let list = todo(setting, recipient);
        let look_at = to_look_at(setting, recipient, &list);
        let as_of = setting.material.as_of();
        Self {
            level: recipient.level,
            id: recipient.id,
            name: recipient.name,
            as_of,
            as_of_shown: setting.language.day_text(as_of),
            language: &setting.language.code,
            model_id: setting.material.model_id(),
            period: setting.period,
            headline: headline(setting, recipient, row),
            numbers: numbers(row),
            actions: list.shown,
            more_actions: list.more,
            actions_without_rate: list.without_rate,
            changes: changes(setting, recipient),
            look_at,
        }
    }
}
