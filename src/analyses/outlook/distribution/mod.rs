//! The distribution of a sum: open deals that may be won, business that does not exist yet, and a factor all of them share.
//!
//! [`Ingredients`] in, [`Distribution`] out. Given the factor, deals are independent: each adds its amount, times what
//! amounts become on the way to the win, with its chance; new business is a compound Poisson sum. Their characteristic
//! functions are multiplied on a money grid, mixed over the factor by quadrature and transformed back (FFT). Nothing is
//! drawn, so the same ingredients give the same bytes.
//!
//! Amounts are placed on the grid by splitting each between its two neighbours, which keeps the mean. Where a node has
//! deals small against its spread, they enter by their first four cumulants instead (Lugannani and Rice 1980 for why that
//! is enough): the grid would only blur them. Where prices are fixed, sums are multiples of some amount; what lies between
//! two of them belongs to neither, so chances and values are read off half way (the continuity correction).

mod convolution;
mod ingredients;
mod parts;
mod prepared;
mod shape;
mod sum;
#[cfg(test)]
mod tests;
mod wave;

pub use ingredients::{Atom, Ingredients, OpenProspect};
pub use sum::Distribution;
