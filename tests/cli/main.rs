//! The command as people and schedulers use it: what it writes, what it says, what it refuses, what it leaves behind.

mod commands;
mod faults;
mod harness;
mod models;
mod nightly;
mod safety;
mod world;
