//! The charts as files of their own: SVG and PNG, for slides and documents.
//!
//! [`Material`] and a language in, named files out: each names itself, its day and what its colours mean, and needs
//! nothing else. Charts without data are left out.

use std::io;

use super::chart::{Drawing, RangeRow, ranges};
use super::language::Language;
use super::material::Material;
use super::page::{
    PageChoices, PageSetting, bar_of, bridge_chart, contenders_chart, flow_chart, reliability_chart, sources_chart,
    stages_chart,
};
use super::picture::png;

/// The most nodes of the forecast's chart.
const NODES: usize = 30;

/// One file.
#[derive(Clone, Debug)]
pub struct ChartFile {
    /// `funnel.svg`, `funnel.png`…
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// The charts of `material` in `language`: the same bytes from the same run.
///
/// # Errors
/// What the compressor refused, or a font that cannot be read.
pub fn chart_files(material: &Material, language: &Language) -> io::Result<Vec<ChartFile>> {
    let choices = PageChoices::of(material);
    let setting = PageSetting::new(material, language, &choices);
    let day = format!("{} {}", setting.word("as-of"), setting.language.day_text(material.as_of()));
    let mut files = Vec::new();
    for (name, drawing, legend) in drawings(setting) {
        let Some(drawing) = drawing.filter(|drawing| !drawing.marks.is_empty()) else { continue };
        let alone = drawing.alone(&day, setting.word(legend));
        files.push(ChartFile { name: format!("{name}.svg"), bytes: alone.file().into_bytes() });
        files.push(ChartFile { name: format!("{name}.png"), bytes: png(&alone)? });
    }
    Ok(files)
}

/// The name of each chart, the chart, and the words for its colours.
fn drawings(setting: PageSetting<'_>) -> [(&'static str, Option<Drawing>, &'static str); 7] {
    [
        ("forecast", forecast_chart(setting), "range-legend"),
        ("waterfall", bridge_chart(setting), "bridge-legend"),
        ("funnel", Some(stages_chart(setting)), "funnel-legend"),
        ("flow", Some(flow_chart(setting)), "flow-legend"),
        ("sources", sources_chart(setting), "sources-legend"),
        ("reliability", reliability_chart(setting), "reliability-legend"),
        ("contenders", contenders_chart(setting), "contenders-legend"),
    ]
}

/// The company, its regions and teams in the running period.
fn forecast_chart(setting: PageSetting<'_>) -> Option<Drawing> {
    let lines = ["company", "region", "team"].into_iter().flat_map(|level| {
        let of_level = [("level", level), ("currency", setting.currency)];
        setting.forecast(setting.period).filter(move |line| line.is(&of_level))
    });
    let rows: Vec<RangeRow> = lines
        .take(NODES)
        .map(|line| RangeRow {
            label: setting.shown_text(line, "node_name", line.text("node_name")),
            shown: setting.money(line, "expected"),
            bar: bar_of(line),
        })
        .collect();
    let label = format!("{} {} ({})", setting.word("forecast"), setting.period, setting.currency);
    (!rows.is_empty()).then(|| ranges(&rows, &label))
}
