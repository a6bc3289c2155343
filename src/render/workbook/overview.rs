//! The first sheet: what matters, as of which day, what the numbers rest on, and what the other sheets hold.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::charts::quota_chart;
use super::checks::checks_table;
use super::declared_table::TableSheet;
use super::layout::cell;
use super::looks::Looks;
use super::own_table::{OwnCell, OwnTable};
use crate::render::material::TableLine;
use crate::render::page::{PageSetting, rests_on};

/// The most nodes that are listed.
const NODES: usize = 40;

/// The rows of the chart below them.
const CHART_ROWS: u32 = 20;

/// What is said of a node, from left to right: money, then shares.
const MONEY: [&str; 6] = ["quota", "won", "gap", "expected_from_open", "expected_from_new", "expected"];

/// A sheet that is written downwards.
struct Downwards<'l> {
    sheet: Worksheet,
    row: u32,
    looks: &'l mut Looks,
}

/// The sheet `name`, which leads to `sheets` and to those in `others`.
pub(super) fn overview_sheet(
    setting: PageSetting<'_>,
    name: &str,
    sheets: &[TableSheet],
    others: &[String],
    looks: &mut Looks,
) -> Result<Worksheet, XlsxError> {
    let mut page = Downwards { sheet: Worksheet::new(), row: 0, looks };
    page.sheet.set_name(name)?.set_tab_color("#1c2733");
    page.write_line(setting.word("monday-title"), |looks| &looks.title)?;
    page.write_line(&of_which_day(setting), |looks| &looks.quiet)?;
    page.row += 1;
    for code in ["forecast.outlook", "forecast.period", "gaps.", "stagnation."] {
        for found in setting.material.findings(code) {
            page.write_line(&setting.sentence(found), |looks| &looks.plain)?;
        }
    }
    page.row += 1;
    page.nodes(setting)?;
    if let Some(forecast) = sheets.iter().find(|sheet| sheet.plan.table == "forecast") {
        page.checks(setting, forecast)?;
    }
    page.write_line(setting.word("rests-on"), |looks| &looks.title)?;
    for remark in rests_on(setting) {
        let said =
            remark.remedy.as_ref().map_or(remark.sentence.clone(), |remedy| format!("{}; {remedy}", remark.sentence));
        page.write_line(&said, if remark.warning { |looks| &looks.warning } else { |looks| &looks.plain })?;
    }
    page.row += 1;
    page.contents(setting, sheets, others)?;
    page.finish()
}

/// `data as of 2026-02-14; model …; 80 % range …`.
fn of_which_day(setting: PageSetting<'_>) -> String {
    let day = setting.language.day_text(setting.material.as_of());
    let model = setting.material.model_id().map(|model| format!("{} {model}", setting.word("model")));
    let told = [Some(format!("{} {day}", setting.word("as-of"))), model, Some(setting.word("money-exact").to_owned())];
    told.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

impl Downwards<'_> {
    /// Writes a line and goes to the next one.
    fn write_line(&mut self, text: &str, look: fn(&Looks) -> &Format) -> Result<(), XlsxError> {
        let text = super::cell_text::cell_text(text);
        self.sheet.write_string_with_format(self.row, 0, text, look(self.looks))?;
        self.row += 1;
        Ok(())
    }

    /// The nodes of the running period, the company first, with a chart of the others.
    fn nodes(&mut self, setting: PageSetting<'_>) -> Result<(), XlsxError> {
        let lines = ["company", "region", "team"].into_iter().flat_map(|level| {
            setting
                .forecast(setting.period)
                .filter(move |line| line.is(&[("level", level), ("currency", setting.currency)]))
        });
        let lines: Vec<TableLine<'_>> = lines.take(NODES).collect();
        self.write_line(setting.period, |looks| &looks.title)?;
        if lines.is_empty() {
            self.write_line(setting.word("no-rows"), |looks| &looks.plain)?;
            self.row += 1;
            return Ok(());
        }
        let rows = (self.row + 1..).zip(&lines).map(|(row, line)| node_row(setting, *line, row, self.looks)).collect();
        let mut headings = vec![setting.language.column("node_name")];
        headings.extend(MONEY.iter().map(|name| setting.language.column(name)));
        headings.push(setting.word("expected-beside").to_owned());
        headings.extend(["p10", "p90", "p_hit_quota", "attainment", "level"].map(|name| setting.language.column(name)));
        let table = OwnTable { name: "nodes".to_owned(), headings, rows };
        let placed = table.write(&mut self.sheet, self.row, self.looks)?;
        let companies = u32::from(lines.len() > 1 && lines[0].text("level") == "company");
        self.row = placed.last() + 2;
        self.sheet.insert_chart(self.row, 0, &quota_chart(setting, &placed, companies))?;
        self.row += CHART_ROWS;
        Ok(())
    }

    /// Sums that can be checked.
    fn checks(&mut self, setting: PageSetting<'_>, forecast: &TableSheet) -> Result<(), XlsxError> {
        let Some(table) = checks_table(setting, self.row + 1, forecast, self.looks) else { return Ok(()) };
        self.write_line(&format!("{} {}", setting.word("sums-to-check"), setting.period), |looks| &looks.title)?;
        let placed = table.write(&mut self.sheet, self.row, self.looks)?;
        self.row = placed.last() + 2;
        Ok(())
    }

    /// What the other sheets hold.
    fn contents(
        &mut self,
        setting: PageSetting<'_>,
        sheets: &[TableSheet],
        others: &[String],
    ) -> Result<(), XlsxError> {
        self.write_line(setting.word("sheets"), |looks| &looks.title)?;
        let number = |count: usize| setting.language.whole(count as i128);
        let of_tables = sheets.iter().map(|sheet| {
            let rows = format!("{} / {} {}", number(sheet.placed.rows), number(sheet.all), setting.word("rows"));
            let left_out =
                (sheet.left_out > 0).then(|| format!("; {} {}", number(sheet.left_out), setting.word("rows-left-out")));
            (sheet.placed.sheet.as_str(), rows + &left_out.unwrap_or_default())
        });
        let of_others = others.iter().map(|name| (name.as_str(), String::new()));
        for (name, rows) in of_tables.chain(of_others) {
            self.sheet.write_url_with_text(self.row, 0, format!("internal:'{name}'!A1").as_str(), name)?;
            self.sheet.write_string(self.row, 1, rows)?;
            self.row += 1;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Worksheet, XlsxError> {
        self.sheet.set_column_width(0, 30)?;
        for column in 1..13 {
            self.sheet.set_column_width(column, 18)?;
        }
        self.sheet.set_screen_gridlines(false);
        self.sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(self.sheet)
    }
}

/// A node's row: what can be computed from its other cells is a formula.
fn node_row(setting: PageSetting<'_>, line: TableLine<'_>, row: u32, looks: &mut Looks) -> Vec<OwnCell> {
    let format = looks.money(setting.currency_of(line)).clone();
    let share = looks.share.clone();
    let number = |name: &str| line.number(name);
    let at = |column: u16| cell(row, column);
    let mut cells = vec![OwnCell::Text(setting.shown_text(line, "node_name", line.text("node_name")))];
    for name in MONEY {
        let formula = match name {
            "gap" => number("quota").and(number("won")).map(|_| format!("{}-{}", at(1), at(2))),
            "expected" => number("expected_from_open")
                .and(number("expected_from_new"))
                .map(|_| format!("{}+{}+{}", at(2), at(4), at(5))),
            _ => None,
        };
        cells.push(filled(number(name), formula, &format));
    }
    let beside = number("expected").zip(number("won")).map(|(expected, won)| expected - won);
    cells.push(filled(beside, Some(format!("{}-{}", at(6), at(2))), &format));
    cells.extend(["p10", "p90"].map(|name| filled(number(name), None, &format)));
    cells.push(filled(number("p_hit_quota"), None, &share));
    cells.push(filled(number("attainment"), Some(format!("{}/{}", at(2), at(1))), &share));
    cells.push(OwnCell::Text(setting.language.value(line.text("level")).to_owned()));
    cells
}

/// A number, or the formula that gives it; empty where it is not known.
fn filled(number: Option<f64>, formula: Option<String>, format: &Format) -> OwnCell {
    match (number, formula) {
        (None, _) => OwnCell::Empty,
        (Some(number), None) => OwnCell::Number(number, format.clone()),
        (Some(number), Some(formula)) => OwnCell::Formula(formula, number, format.clone()),
    }
}
