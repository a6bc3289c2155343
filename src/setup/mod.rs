//! Files nobody has mapped to a [`Proposal`]: a configuration, with why each of its values stands there, how sure that is,
//! and what only a person can decide.
//!
//! Compares the profiles of `ingest` with `presets`, then loads what it proposes: what stops the load stops nobody later.
//! Writes no file and asks nobody; `cli` does.
//!
//! | file | question |
//! |---|---|
//! | `proposal` | what a proposal consists of |
//! | `propose` | how it is put together |
//! | `recognise`, `fits`, `spoken` | which CRM and table is a file, and which column is what |
//! | `made_of` | how a column is made, as text and back |
//! | `roles`, `copies`, `renamed` | which file serves which table, and what older copies call its columns |
//! | `closing`, `wide`, `stages/headers` | on which day deals ended, and on which they entered their stages |
//! | `ids` | what tells the deals apart where no id is known |
//! | `deals`, `people`, `quotas`, `lookups` | what each table needs beside its columns |
//! | `stages/counts`, `outcomes`, `stages/list` | which stages there are, and what they say |
//! | `process`, `stages/order`, `stages/words` | the list of stages, in which order |
//! | `answers`, `before`, `earlier` | what a person decided, now and before |
//! | `follow` | what became of columns that left the export |
//! | `confirm` | what a configuration gives |
//! | `styles`, `money` | how dates and numbers are written, and in which currency |
//! | `trial` | can what is proposed be loaded, and what would stop it |
//! | `findings` | what there is to say about it |
//! | `suggest` | what to answer where no file looks like deals |
//! | `render`, `merge`, `diff` | the configuration as text, laid over an earlier one |

mod answers;
mod before;
mod closing;
mod confirm;
mod copies;
mod crm_words;
mod deals;
mod diff;
mod earlier;
pub mod findings;
mod fits;
mod follow;
mod ids;
mod lookups;
mod made_of;
mod merge;
mod money;
mod outcomes;
mod people;
mod process;
mod proposal;
mod propose;
mod quotas;
mod recognise;
mod renamed;
mod render;
mod roles;
mod spoken;
mod stages;
mod styles;
mod suggest;
mod tax_words;
mod trial;
mod wide;

pub use answers::{AnswerError, Answers};
pub use confirm::confirm;
pub use diff::unified;
pub use earlier::remember;
pub use merge::{MergeError, merged};
pub use proposal::{ConfigSection, ConfigValue, Proposal, Question, Sure};
pub use propose::{SetupError, propose};
