//! A digest as HTML for mail: tables and inline styles only.

use std::io;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use serde::Serialize;

use crate::render::language::Language;

const TEMPLATES: [(&str, &str); 2] =
    [("digest.html", include_str!("templates/digest.html")), ("index.html", include_str!("templates/index.html"))];

/// `content` by the template `name`.
///
/// # Errors
/// What the templates refused; does not depend on the data.
pub(super) fn html(name: &str, language: &Language, content: &impl Serialize) -> io::Result<String> {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let words = language.clone();
    templates.add_function("t", move |key: &str| words.word(key).to_owned());
    for (name, text) in TEMPLATES {
        templates.add_template(name, text).map_err(io::Error::other)?;
    }
    let template = templates.get_template(name).map_err(io::Error::other)?;
    template.render(Value::from(Serde(content))).map_err(io::Error::other)
}
