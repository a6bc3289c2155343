//! Model + snapshot to [`Scores`]: a chance to win, what speaks for and against it, and when it may close.

pub mod findings;
mod previous_score;
mod score;
mod scores;

pub use crate::domain::probability::PeriodOutcome;
pub use previous_score::PreviousScore;
pub use score::{score, wins_by};
pub use scores::{Score, Scores};
