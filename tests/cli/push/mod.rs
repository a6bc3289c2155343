//! `dealcast push` against servers that behave as real ones were recorded to, and under every fault.

mod cloud;
mod cloud_double;
mod double;
mod echo;
mod espocrm;
mod espocrm_double;
mod faults;
mod files;
mod hubspot;
mod hubspot_double;
mod kills;
mod salesforce;
mod salesforce_double;
mod salesforce_jobs;
mod scene;
mod secrets;
mod sqlite;
mod tls;
mod vtiger;
mod vtiger_double;
mod zoho;
mod zoho_double;
