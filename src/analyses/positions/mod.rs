//! Where does everyone stand in the sales hierarchy?
//!
//! The users table and the owners of open deals in, one [`PositionLine`] per owner out: manager, team and region on the last
//! known day, as the forecast counts their open deals. Holds no money.

pub mod columns;
mod rows;

pub use rows::{PositionLine, positions};
