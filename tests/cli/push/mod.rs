//! `dealcast push` against servers that behave as real ones were recorded to, and under every fault.

mod double;
mod echo;
mod espocrm;
mod espocrm_double;
mod faults;
mod files;
mod kills;
mod night;
mod probe;
mod scene;
mod secrets;
mod sqlite;
mod vtiger;
mod vtiger_double;
