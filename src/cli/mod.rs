//! The command line: arguments in, exit code out.
//!
//! The only user of standard output, the clock, the environment and the exit code. Computes nothing itself: each
//! command resolves its arguments, calls the library and prints what comes back.

mod args;
mod clock;
mod command_line;
mod commands;
mod console;
mod destination;
mod dispatch;
mod emit;
mod error;
mod exports;
mod filters;
mod for_eyes;
mod interrupt;
mod logging;
mod plain;
mod printer;
mod program;
mod progress;
mod quota_bar;
mod report_args;
mod secrets;
mod settings;
mod shown;
mod signals;
mod table_files;
mod terminal;
mod threads;

pub(crate) use program::main;
