//! Which tables have a sheet, in the order to read them, and what of them is shown.

use crate::render::material::TableLine;
use crate::render::page::PageSetting;

/// Which rows of a table a sheet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowsShown {
    /// All.
    All,
    /// Those of running and coming periods, each node once: in the base currency where amounts are converted.
    Coming,
    /// Each node once.
    Once,
}

/// The sheet of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct SheetPlan {
    /// The table, which also names the sheet: `sheet-forecast` in the catalogues.
    pub table: &'static str,
    pub word: &'static str,
    pub shown: RowsShown,
    /// How many columns stay in sight.
    pub held: u16,
    /// Columns whose sum means something.
    pub totals: &'static [&'static str],
    pub tab: &'static str,
}

const MONEY: &str = "#1d5fa8";
const DEALS: &str = "#7fb0e0";
const PROOF: &str = "#8a96a3";

/// A sheet without totals that shows all rows.
const fn sheet(table: &'static str, word: &'static str, held: u16, tab: &'static str) -> SheetPlan {
    SheetPlan { table, word, shown: RowsShown::All, held, totals: &[], tab }
}

/// Every table a run writes as Parquet, but `deal_changes` and `period_deals`, as histories and closed deals would be most of
/// the file, and `compare_bridge`, which only a run has that replaces an earlier one.
pub(super) const SHEETS: [SheetPlan; 25] = [
    sheet("actions", "sheet-actions", 1, MONEY),
    SheetPlan { shown: RowsShown::Coming, ..sheet("forecast", "sheet-forecast", 2, MONEY) },
    SheetPlan { shown: RowsShown::Once, ..sheet("gaps", "sheet-gaps", 1, MONEY) },
    SheetPlan { shown: RowsShown::Once, ..sheet("waterfall", "sheet-waterfall", 3, MONEY) },
    SheetPlan { shown: RowsShown::Once, ..sheet("waterfall_since_run", "sheet-waterfall_since_run", 3, MONEY) },
    sheet("forecast_runs", "sheet-forecast_runs", 0, MONEY),
    sheet("revisions", "sheet-revisions", 0, MONEY),
    sheet("positions", "sheet-positions", 2, MONEY),
    SheetPlan { totals: &["amount", "expected_value"], ..sheet("scores", "sheet-scores", 2, DEALS) },
    SheetPlan { totals: &["amount"], ..sheet("stagnation", "sheet-stagnation", 2, DEALS) },
    sheet("stagnation_summary", "sheet-stagnation_summary", 2, DEALS),
    sheet("funnel", "sheet-funnel", 3, DEALS),
    sheet("funnel_summary", "sheet-funnel_summary", 2, DEALS),
    sheet("flow", "sheet-flow", 2, DEALS),
    SheetPlan { totals: &["revenue", "expected_revenue", "cost"], ..sheet("sources", "sheet-sources", 2, DEALS) },
    SheetPlan { totals: &["revenue", "expected_revenue", "cost"], ..sheet("campaigns", "sheet-campaigns", 3, DEALS) },
    sheet("attribution", "sheet-attribution", 3, DEALS),
    sheet("evaluation", "sheet-evaluation", 3, PROOF),
    sheet("reliability", "sheet-reliability", 1, PROOF),
    sheet("backtest", "sheet-backtest", 2, PROOF),
    sheet("backtest_cases", "sheet-backtest_cases", 5, PROOF),
    sheet("drift", "sheet-drift", 1, PROOF),
    sheet("input_columns", "sheet-input_columns", 2, PROOF),
    sheet("input_costs", "sheet-input_costs", 1, PROOF),
    sheet("issues", "sheet-issues", 1, PROOF),
];

impl RowsShown {
    /// Whether a row is one of them.
    pub(super) fn has(self, setting: PageSetting<'_>, line: TableLine<'_>) -> bool {
        let of_basis = || line.at("basis").is_empty() || line.text("basis") == setting.basis;
        match self {
            Self::All => true,
            Self::Once => of_basis(),
            Self::Coming => of_basis() && line.at("period_end").to_string().as_str() >= setting.material.as_of(),
        }
    }

    /// The word that says so; none where all rows are there.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Coming => Some("rows-coming"),
            Self::Once => Some("rows-once"),
        }
    }
}
