//! The leak hunter: columns of the deals table that know the outcome because they were filled after it.
//!
//! A column without history shows on every past day what stands there now. Five traces give a leak away: it is filled
//! only on closed deals; its values on closed deals never occur on open ones; it falls on the closing day or counts the
//! days up to it; it grows as deals grow old; it tells won from lost almost perfectly on its own. Where there is no such
//! trace, evidence is graded: open deals are compared with their like among past and closed ones, and what sets them
//! apart is weighed with what the column tells. Strong evidence makes a leak, some a suspect; what follows from a leak
//! is one. All is counted on deals known before the as-of day, and only where enough deals speak, so that an honest
//! strong column stays.
//!
//! | file | question |
//! |---|---|
//! | `hunt` | what gives each column away, if anything |
//! | `verdict` | what the hunter says |
//! | `values` | what does the column hold, one value per deal |
//! | `fill` | is it filled only once a deal is closed |
//! | `closing` | is it set by, or does it count up to, the closing |
//! | `ahead` | does it lie ahead of days on which it should have stood there |
//! | `growth` | does it add up while a deal is open |
//! | `overlap` | do closed deals have values that open ones never have |
//! | `strength` | does it tell won from lost on its own |
//! | `closing_day` | when was a deal closed |
//! | `grounds` | which past and closed deals are like the open ones |
//! | `bins`, `compare`, `contrast` | how far are open deals from their like, and what is lost of what a column tells |
//! | `grade` | how strong is the evidence |
//! | `dependence` | does it follow from a leak |

mod ahead;
mod bins;
mod closing;
mod closing_day;
mod compare;
mod contrast;
mod dependence;
mod fill;
mod grade;
mod grounds;
mod growth;
pub(super) mod hunt;
mod mixture;
mod overlap;
mod strength;
#[cfg(test)]
mod tests;
mod values;
pub(super) mod verdict;
