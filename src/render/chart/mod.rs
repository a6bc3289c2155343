//! Charts: numbers in, one SVG text out. Readable without a style sheet; a page's style sheet only changes colours.
//!
//! Knows no table and no question: what is drawn comes worded and formatted.

mod bars;
mod bridge;
mod flow;
mod ink;
mod intervals;
mod over_time;
mod range_bar;
mod reliability;
mod scale;
mod svg;

pub(super) use bars::{ChartBar, bars};
pub(super) use bridge::{BridgeStep, StepKind, bridge};
pub(super) use flow::{FlowBand, flow};
pub(super) use intervals::{Interval, intervals};
pub(super) use over_time::{TimeForm, TimePoint, over_time};
pub(super) use range_bar::{RangeBar, range_bar};
pub(super) use reliability::{Bin, reliability};
