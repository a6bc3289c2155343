//! The `dealcast` command.

fn main() {}
