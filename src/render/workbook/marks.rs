//! What catches the eye: gaps, chances and deals that stand still, by the names of their columns.

use rust_xlsxwriter::{
    Color, ConditionalFormat3ColorScale, ConditionalFormatCell, ConditionalFormatCellRule, ConditionalFormatDataBar,
    ConditionalFormatType, Format, Worksheet, XlsxError,
};

use super::layout::Placed;
use crate::render::page::PageSetting;

/// Missing money.
const GAPS: [&str; 3] = ["gap", "expected_gap", "gap_at_p50"];

/// Chances of a good end: low ones stand out as much as high ones.
const CHANCES: [&str; 1] = ["p_hit_quota"];

/// Shares that are long or short bars.
const BARS: [&str; 6] =
    ["attainment", "expected_attainment", "win_in_period", "win_probability", "advance_30d", "conversion"];

/// What a word means for the eye.
const STATES: [(&str, Mood); 5] = [
    ("stalled", Mood::Bad),
    ("behind", Mood::Bad),
    ("declining", Mood::Bad),
    ("warning", Mood::Bad),
    ("slow", Mood::Fair),
];

/// The columns such words stand in.
const WORDED: [&str; 5] = ["status", "stagnation", "trend", "previous_status", "severity"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Bad,
    Fair,
}

impl Mood {
    fn format(self) -> Format {
        match self {
            Self::Bad => {
                Format::new().set_background_color(Color::RGB(0x00f7_d9c4)).set_font_color(Color::RGB(0x007a_3206))
            }
            Self::Fair => {
                Format::new().set_background_color(Color::RGB(0x00fb_efd5)).set_font_color(Color::RGB(0x006b_4b00))
            }
        }
    }
}

/// Marks the cells of a table.
pub(super) fn mark(sheet: &mut Worksheet, placed: &Placed, setting: PageSetting<'_>) -> Result<(), XlsxError> {
    let lost = Format::new().set_font_color(Color::RGB(0x00b0_4a05));
    let missing = ConditionalFormatCell::new().set_rule(ConditionalFormatCellRule::GreaterThan(0)).set_format(lost);
    let scale = ConditionalFormat3ColorScale::new()
        .set_minimum(ConditionalFormatType::Number, 0)
        .set_midpoint(ConditionalFormatType::Number, 0.5)
        .set_maximum(ConditionalFormatType::Number, 1)
        .set_minimum_color(Color::RGB(0x00f2_b48a))
        .set_midpoint_color(Color::RGB(0x00ff_ffff))
        .set_maximum_color(Color::RGB(0x009c_c3ea));
    let bar = ConditionalFormatDataBar::new()
        .set_minimum(ConditionalFormatType::Number, 0)
        .set_maximum(ConditionalFormatType::Number, 1)
        .set_solid_fill(true)
        .set_fill_color(Color::RGB(0x00c9_dcf0));
    for name in GAPS {
        on(sheet, placed, name, &missing)?;
    }
    for name in CHANCES {
        on(sheet, placed, name, &scale)?;
    }
    for name in BARS {
        on(sheet, placed, name, &bar)?;
    }
    for name in WORDED {
        for (word, mood) in STATES {
            let rule = ConditionalFormatCellRule::EqualTo(setting.language.value(word).to_owned());
            on(sheet, placed, name, &ConditionalFormatCell::new().set_rule(rule).set_format(mood.format()))?;
        }
    }
    Ok(())
}

fn on<F>(sheet: &mut Worksheet, placed: &Placed, column: &str, format: &F) -> Result<(), XlsxError>
where
    F: rust_xlsxwriter::ConditionalFormat + Send + Sync + Clone + 'static,
{
    let Some(at) = placed.column(column).filter(|_| placed.rows > 0) else { return Ok(()) };
    sheet.add_conditional_format(placed.first(), at, placed.last(), at, format).map(|_| ())
}
