//! Any REST interface, as the configuration describes it.

mod records;
mod shape;

pub(super) use records::TemplateTarget;
