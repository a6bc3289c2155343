//! What may still be won by the end of a period.

mod distribution;

pub use distribution::{Atom, Distribution, Ingredients, Prospect};
