//! vtiger's web service.

mod bystanders;
mod definition;
mod records;
mod server;

pub(super) use records::Vtiger;
