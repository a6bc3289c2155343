//! EspoCRM: its records one by one, and its CSV import for many.

mod access;
mod definition;
mod import;
mod records;
mod server;

pub(super) use records::Espocrm;
