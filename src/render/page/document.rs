//! The page as one text: views, style, script and data put into the templates.

use std::io;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use serde::Serialize;

use super::csp::policy;
use super::data::inlined;
use super::define::{DefinedTable, definitions};
use super::evidence::{EvidenceView, evidence};
use super::forecast::{FORECAST_HEADING, ForecastView, GAPS_HEADING, forecast};
use super::funnel::{FunnelView, funnel};
use super::monday::{MondayView, monday};
use super::pipeline::{PipelineView, pipeline, stages};
use super::setting::{PageChoices, PageSetting};
use super::sources::{SourcesView, sources};
use super::stagnation::{StagnationView, stagnation};
use super::waterfall::{Bridge, bridges};
use crate::render::language::{Language, WORDED};
use crate::render::material::Material;
use crate::report::first_columns::first_columns;

/// The markup: the page, and what several views use.
const TEMPLATES: [(&str, &str); 2] =
    [("report.html", include_str!("templates/report.html")), ("parts.html", include_str!("templates/parts.html"))];
const STYLE: &str = include_str!("templates/style.css");
/// The script: one text, so that one checksum names it.
const SCRIPT: &str = concat!(
    "(function () {\n'use strict';\n",
    include_str!("templates/script/data.js"),
    include_str!("templates/script/elements.js"),
    include_str!("templates/script/charts.js"),
    include_str!("templates/script/pipeline.js"),
    include_str!("templates/script/deal.js"),
    include_str!("templates/script/forecast.js"),
    include_str!("templates/script/gaps.js"),
    include_str!("templates/script/funnel.js"),
    include_str!("templates/script/views.js"),
    "})();\n",
);

/// The words the script writes.
const SCRIPT_WORDS: [&str; 66] = [
    "accuracy",
    "adjusted",
    "all",
    "all-known",
    "back-to-list",
    "back-to-tree",
    "billion",
    "board",
    "category",
    "change-after",
    "change-before",
    "change-day",
    "change-event",
    "change-stood",
    "colon",
    "columns",
    "currency",
    "deal-not-found",
    "deals",
    "deals-for-gap",
    "deals-shown",
    "deals-not-of-period",
    "earlier-scores",
    "empty",
    "estimated",
    "estimated-note",
    "forecast",
    "forecast-bar",
    "gap-not-of-period",
    "gap-of-categories",
    "gap-of-everybody",
    "gap-parts",
    "gaps",
    "group-a",
    "group-b",
    "inside-range",
    "interval",
    "list",
    "look-again",
    "look-now",
    "many-nodes",
    "million",
    "more-cards",
    "native",
    "no-factors",
    "nodes",
    "nodes-shown",
    "of-category",
    "of-gap",
    "over-time",
    "over-time-legend",
    "period",
    "predicted",
    "range-legend",
    "save-csv",
    "scroll-hint",
    "search",
    "semicolon",
    "show-all",
    "submitted",
    "thousand",
    "two-groups",
    "view-not-found",
    "what-happened",
    "why-this-score",
    "wins-expected",
];

/// `script` without what only its readers need: indents, empty lines and lines of comments.
fn squeezed(script: &str) -> String {
    let lines = script.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// A view's address and name.
#[derive(Debug, Serialize)]
struct Tab {
    id: &'static str,
    label: String,
}

/// Everything the templates know.
#[derive(Debug, Serialize)]
struct Page<'p> {
    language: &'p str,
    as_of: String,
    model: Option<&'p str>,
    /// The running period.
    period: &'p str,
    tabs: Vec<Tab>,
    policy: String,
    style: &'p str,
    script: &'p str,
    data: String,
    encoding: &'p str,
    settings: String,
    version: &'p str,
    monday: MondayView,
    forecast: ForecastView,
    pipeline: PipelineView,
    stagnation: StagnationView,
    funnel: FunnelView,
    sources: SourcesView,
    bridges: Vec<Bridge>,
    evidence: EvidenceView,
    definitions: Vec<DefinedTable>,
}

/// The views, in the order to read them.
const TABS: [&str; 9] =
    ["monday", "forecast", "pipeline", "stagnation", "funnel", "sources", "waterfall", "evidence", "define"];

/// `material` as `report.html` in `language`: the same bytes from the same run.
///
/// # Errors
/// What the compressor or the templates refused; neither depends on the data.
pub fn html(material: &Material, language: &Language) -> io::Result<String> {
    let choices = PageChoices::of(material);
    let setting = PageSetting::new(material, language, &choices);
    let data = inlined(setting)?;
    let script = squeezed(SCRIPT);
    let tabs: Vec<Tab> = TABS.map(|id| Tab { id, label: language.word(id).to_owned() }).into();
    let words: serde_json::Map<String, serde_json::Value> =
        SCRIPT_WORDS.iter().map(|key| ((*key).to_owned(), language.word(key).into())).collect();
    let of_node = |column: &&&str| **column != "node_name" && !FORECAST_HEADING.contains(column);
    let node_columns: Vec<&&str> = first_columns("forecast").iter().filter(of_node).collect();
    let gap_columns: Vec<&&str> = first_columns("gaps")
        .iter()
        .filter(|column| **column != "node_name" && !GAPS_HEADING.contains(column))
        .collect();
    let settings = serde_json::json!({
        "decimal": language.decimal, "thousands": language.thousands, "percent": language.before_percent, "date": language.date,
        "words": words, "values": language.values(), "worded": WORDED, "stages": stages(setting),
        "deal_columns": first_columns("scores"), "node_columns": node_columns,
        "gap_columns": gap_columns,
    });
    let context = Page {
        language: &language.code,
        as_of: language.day_text(material.as_of()),
        model: material.model_id(),
        period: setting.period,
        tabs,
        policy: policy(STYLE, &script),
        style: STYLE,
        script: &script,
        data: data.text,
        encoding: data.encoding,
        settings: settings.to_string().replace('<', "\\u003c"),
        version: env!("CARGO_PKG_VERSION"),
        monday: monday(setting),
        forecast: forecast(setting),
        pipeline: pipeline(setting),
        stagnation: stagnation(setting),
        funnel: funnel(setting),
        sources: sources(setting),
        bridges: bridges(setting),
        evidence: evidence(setting),
        definitions: definitions(setting),
    };
    render(language, &context).map_err(io::Error::other)
}

fn render(language: &Language, page: &Page<'_>) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let words = language.clone();
    templates.add_function("t", move |key: &str| words.word(key).to_owned());
    for (name, text) in TEMPLATES {
        templates.add_template(name, text)?;
    }
    templates.get_template("report.html")?.render(Value::from(Serde(page)))
}
