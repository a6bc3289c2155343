//! Input to waterfall: transitions, axes and rows in order.

use crate::analyses::forecast::ForecastError;
use crate::analyses::waterfall::axes::WaterfallAxes;
use crate::analyses::waterfall::grow;
use crate::analyses::waterfall::input::WaterfallInput;
use crate::analyses::waterfall::rows::Waterfall;
use crate::analyses::waterfall::transitions::{Transitions, without_base};
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::Level;

/// The waterfall of every node of `levels` and period; of all levels where none is named.
///
/// # Errors
/// [`ForecastError`] where the money does not fit 64 bits.
pub fn waterfall(input: &WaterfallInput<'_>, levels: &[Level]) -> Result<Waterfall, ForecastError> {
    let spans = Transitions::of_spans(input)?;
    let axes = WaterfallAxes::new(input, &spans);
    let mut rows = Vec::new();
    for level in Level::ALL.into_iter().filter(|level| levels.is_empty() || levels.contains(level)) {
        grow::append(&mut rows, &axes, &spans, level);
    }
    let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, input.snapshot.as_of);
    Ok(Waterfall {
        to: input.snapshot.as_of,
        nodes: axes.nodes.named(spans.first().map(|span| span.mornings.ends())),
        currencies: axes.currencies.with_base(&converter),
        rows,
        without_base: without_base(&spans),
    })
}
