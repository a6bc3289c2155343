//! `dealcast push` against servers that behave as real ones were recorded to, and under every fault.

mod double;
mod echo;
mod espocrm;
mod espocrm_bulk;
mod espocrm_double;
mod espocrm_imports;
mod faults;
mod files;
mod kills;
mod odoo;
mod odoo_double;
mod pipedrive;
mod pipedrive_double;
mod scene;
mod secrets;
mod sqlite;
mod suite;
mod template;
mod template_double;
mod vtiger;
mod vtiger_double;
