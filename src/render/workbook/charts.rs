//! Charts that a spreadsheet draws from cells of the workbook.

use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartErrorBars, ChartErrorBarsType, ChartFormat, ChartLegendPosition, ChartLine,
    ChartMarker, ChartMarkerType, ChartRange, ChartSeries, ChartSolidFill, ChartType, Worksheet, XlsxError,
};

use super::bridge::bridge_table;
use super::calibration::calibration_table;
use super::declared_table::TableSheet;
use super::layout::Placed;
use super::looks::{Looks, pattern};
use crate::render::chart::Ink;
use crate::render::material::TableLine;
use crate::render::page::PageSetting;

/// The size of a chart in pixels.
const SIZE: (u32, u32) = (760, 360);

/// The rows a chart covers.
const ROWS: u32 = 20;

/// The column charts begin in, beside their cells.
const BESIDE: u16 = 8;

/// The sheet of charts, named `name`, each with the cells it stands on; `sheets` hold those of the funnel.
pub(super) fn charts_sheet(
    setting: PageSetting<'_>,
    name: &str,
    sheets: &[TableSheet],
    looks: &mut Looks,
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?.set_tab_color("#1d5fa8");
    sheet.write_string_with_format(0, 0, name, &looks.title)?;
    let mut row = 2;
    if let Some((title, table)) = bridge_table(setting, row + 1, looks) {
        sheet.write_string_with_format(row, 0, &title, &looks.strong)?;
        let placed = table.write(&mut sheet, row + 1, looks)?;
        sheet.insert_chart(row, BESIDE, &bridge_chart(setting, &placed, &title))?;
        row = (placed.last() + 2).max(row + ROWS);
    }
    if let Some(table) = calibration_table(setting, row + 1, looks) {
        sheet.write_string_with_format(row, 0, setting.word("reliability-chart"), &looks.strong)?;
        let placed = table.write(&mut sheet, row + 1, looks)?;
        sheet.insert_chart(row, BESIDE, &reliability_chart(setting, &placed))?;
        row = (placed.last() + 2).max(row + ROWS);
    }
    let funnel = sheets.iter().find(|sheet| sheet.plan.table == "funnel");
    match funnel.and_then(|funnel| funnel_chart(setting, &funnel.placed)) {
        Some(chart) => {
            sheet.write_string_with_format(row, 0, setting.word("funnel-chart"), &looks.strong)?;
            sheet.insert_chart(row, BESIDE, &chart)?;
        }
        None if row == 2 => {
            sheet.write_string(2, 0, setting.word("no-rows"))?;
        }
        None => {}
    }
    sheet.set_column_width(0, 24)?;
    for column in 1..BESIDE {
        sheet.set_column_width(column, 18)?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}

/// Won and expected beside it, on top of each other, with the quota as a mark: of the nodes of a table without the first
/// `skip`.
pub(super) fn quota_chart(setting: PageSetting<'_>, placed: &Placed, skip: u32) -> Chart {
    let mut chart = titled(ChartType::ColumnStacked, setting.word("forecast-chart"));
    for (column, ink) in [(2, Ink::Won), (7, Ink::Expected)] {
        named(chart.add_series(), placed, skip, column).set_format(&mut fill(ink)).set_gap(60);
    }
    let mut quota = Chart::new(ChartType::Line);
    let mut mark = ChartMarker::new();
    mark.set_type(ChartMarkerType::LongDash).set_size(14).set_format(&mut fill(Ink::Quota));
    let series = quota.add_series();
    named(series, placed, skip, 1);
    series.set_marker(&mark).set_format(ChartFormat::new().set_line(ChartLine::new().set_hidden(true)));
    chart.combine(&quota);
    chart.y_axis().set_num_format(pattern(setting.currency).replace(".00", ""));
    chart
}

fn bridge_chart(setting: PageSetting<'_>, placed: &Placed, title: &str) -> Chart {
    let mut chart = titled(ChartType::ColumnStacked, title);
    named(chart.add_series(), placed, 0, 3).set_gap(40).set_format(ChartFormat::new().set_no_fill());
    for (column, ink) in [(4, Ink::Expected), (5, Ink::Lost), (6, Ink::Baseline)] {
        named(chart.add_series(), placed, 0, column).set_format(&mut fill(ink)).set_gap(40);
    }
    chart.legend().delete_entries(&[0]);
    chart.y_axis().set_num_format(pattern(setting.currency).replace(".00", ""));
    chart
}

/// Deals that entered each stage and those that went on: the rows of all deals stand first.
fn funnel_chart(setting: PageSetting<'_>, placed: &Placed) -> Option<Chart> {
    let of_all = |line: &TableLine<'_>| line.is(&[("cohort", "all"), ("segment", "all")]);
    let rows = setting.material.lines("funnel").take_while(of_all).count().min(placed.rows);
    let shown = Placed { rows, ..placed.clone() };
    let (stage, entered, advanced) = (placed.column("stage")?, placed.column("entered")?, placed.column("advanced")?);
    let mut chart = titled(ChartType::Bar, setting.word("funnel-chart"));
    for (column, name, ink) in [(entered, "entered", Ink::Expected), (advanced, "advanced", Ink::Won)] {
        let series = chart.add_series();
        series.set_categories(&range(&shown, 0, stage)).set_values(&range(&shown, 0, column));
        series.set_name(&setting.language.column(name)).set_format(&mut fill(ink)).set_gap(50);
    }
    // The upright axis has the stages; turned round, the other one's labels would stand above.
    chart.y_axis().set_reverse();
    chart.x_axis().set_label_position(ChartAxisLabelPosition::High);
    (rows > 0).then_some(chart)
}

/// What was predicted against what was observed, with the line on which both agree.
fn reliability_chart(setting: PageSetting<'_>, placed: &Placed) -> Chart {
    let mut chart = titled(ChartType::Scatter, setting.word("reliability-chart"));
    let mut mark = ChartMarker::new();
    mark.set_type(ChartMarkerType::Circle).set_size(7).set_format(&mut fill(Ink::Won));
    let mut errors = ChartErrorBars::new();
    errors.set_type(ChartErrorBarsType::Custom(range(placed, 0, 5), range(placed, 0, 4)));
    let series = chart.add_series();
    series.set_categories(&range(placed, 0, 0)).set_values(&range(placed, 0, 1)).set_marker(&mark);
    series.set_name(setting.word("observed-win-rate")).set_y_error_bars(&errors);
    let mut none = ChartMarker::new();
    none.set_none();
    let agree = chart.add_series();
    agree.set_categories(&range(placed, 0, 0)).set_values(&range(placed, 0, 0)).set_marker(&none);
    agree.set_name(setting.word("predicted-win-rate"));
    agree.set_format(ChartFormat::new().set_line(ChartLine::new().set_color(Ink::Baseline.colour()).set_width(1.5)));
    chart.x_axis().set_min(0).set_max(1).set_num_format("0%").set_name(setting.word("predicted-win-rate"));
    chart.y_axis().set_min(0).set_max(1).set_num_format("0%").set_name(setting.word("observed-win-rate"));
    chart
}

fn titled(kind: ChartType, title: &str) -> Chart {
    let mut chart = Chart::new(kind);
    chart.title().set_name(title);
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.set_width(SIZE.0).set_height(SIZE.1).set_alt_text(title);
    chart
}

/// A series over a column of a table without the first `skip` rows, against its first column.
fn named<'c>(series: &'c mut ChartSeries, placed: &Placed, skip: u32, column: u16) -> &'c mut ChartSeries {
    let name = ChartRange::new_from_range(&placed.sheet, placed.head, column, placed.head, column);
    series.set_categories(&range(placed, skip, 0)).set_values(&range(placed, skip, column)).set_name(&name)
}

fn range(placed: &Placed, skip: u32, column: u16) -> ChartRange {
    ChartRange::new_from_range(&placed.sheet, placed.first() + skip, column, placed.last(), column)
}

fn fill(ink: Ink) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(ink.colour()));
    format
}
