//! All digests of a run as files: three per owner and manager, and what lists them.

use std::io;

use serde::Serialize;

use super::html::html;
use super::markdown::markdown;
use super::page::Digest;
use super::recipients::recipients;
use crate::render::language::Language;
use crate::render::material::Material;
use crate::render::page::{PageChoices, PageSetting};

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestFile {
    /// Its name: lower-case letters, digits and hyphens, and the ending.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// One line of the index.
#[derive(Debug, Serialize)]
struct Listed<'m> {
    level: &'static str,
    id: &'m str,
    name: &'m str,
    headline: String,
    /// Deals and forecasts with something to do.
    actions: usize,
    html: String,
    markdown: String,
    json: String,
}

/// What the index says.
#[derive(Debug, Serialize)]
struct Index<'m> {
    language: &'m str,
    as_of: &'m str,
    as_of_shown: String,
    model_id: Option<&'m str>,
    digests: Vec<Listed<'m>>,
}

/// The digests of `material` in `language`, then `index.html` and `index.json`, which list them: the same bytes from the
/// same run.
///
/// # Errors
/// What the templates refused; does not depend on the data.
pub fn digests(material: &Material, language: &Language) -> io::Result<Vec<DigestFile>> {
    let choices = PageChoices::of(material);
    let setting = PageSetting::new(material, language, &choices);
    let (mut files, mut listed) = (Vec::new(), Vec::new());
    for recipient in recipients(setting) {
        let digest = Digest::of(setting, &recipient);
        let stem = recipient.stem();
        let [page, text, json] = ["html", "md", "json"].map(|ending| format!("{stem}.{ending}"));
        files.push(DigestFile { name: page.clone(), text: html("digest.html", language, &digest)? });
        files.push(DigestFile { name: text.clone(), text: markdown(&digest, language) });
        files.push(DigestFile { name: json.clone(), text: document(&digest)? });
        listed.push(Listed {
            level: recipient.level,
            id: recipient.id,
            name: recipient.name,
            actions: digest.actions.len() + digest.more_actions,
            headline: digest.headline,
            html: page,
            markdown: text,
            json,
        });
    }
    let as_of = material.as_of();
    let index = Index {
        language: &language.code,
        as_of,
        as_of_shown: language.day_text(as_of),
        model_id: material.model_id(),
        digests: listed,
    };
    files.push(DigestFile { name: "index.html".to_owned(), text: html("index.html", language, &index)? });
    files.push(DigestFile { name: "index.json".to_owned(), text: document(&index)? });
    Ok(files)
}

fn document(content: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(content)? + "\n")
}
