//! Charts: numbers in, a [`Drawing`] out, which is SVG text or, by `picture`, pixels. Readable without a style sheet; a page's
//! style sheet only changes colours.
//!
//! Knows no table and no question: what is drawn comes worded and formatted.

mod bars;
mod bridge;
mod drawing;
mod flow;
mod ink;
mod intervals;
mod marks;
mod over_time;
mod range_bar;
mod ranges;
mod reliability;
mod scale;
mod svg;

pub(super) use bars::{ChartBar, bars};
pub(super) use bridge::{BridgeStep, StepKind, bridge};
pub(super) use drawing::Drawing;
pub(super) use flow::{FlowBand, flow};
pub(super) use ink::Ink;
pub(super) use intervals::{Interval, intervals};
pub(super) use marks::{Anchor, Mark, OutlineStep};
pub(super) use over_time::{TimeForm, TimePoint, over_time};
pub(super) use range_bar::{RangeBar, range_bar};
pub(super) use ranges::{RangeRow, ranges};
pub(super) use reliability::{Bin, reliability};
