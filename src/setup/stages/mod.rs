//! The stages of a process: which there are, what they say, and in which order they stand.
//!
//! From the rows of the deals table, the list of stages and the headers of columns to what `process` proposes of stages;
//! proposes nothing itself.
//!
//! | file | question |
//! |---|---|
//! | `counts` | which stages there are, and what being in them says |
//! | `headers` | which columns say on which day stages were entered |
//! | `list` | what another file calls the stages, and in which order |
//! | `order`, `words` | in which order they stand, by history and by what names say |

pub(super) mod counts;
pub(super) mod headers;
pub(super) mod list;
pub(super) mod order;
mod words;
