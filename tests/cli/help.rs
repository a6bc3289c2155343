//! `dealcast help`: topics, commands, misspelt names; commands and flags under their former names.

use crate::harness::{Desk, TABLES};

#[test]
fn help_lists_commands_and_topics_and_prints_each() {
    let desk = Desk::empty();
    let all = desk.ok("help").stdout;
    assert_eq!(all, desk.ok("--help").stdout);
    for name in ["stagnation", "gaps", "history", "method", "glossary"] {
        assert!(all.lines().any(|line| line.trim_start().starts_with(name)), "{name} in {all}");
    }
    for hidden in ["lags", "trace"] {
        assert!(!all.lines().any(|line| line.trim_start().starts_with(hidden)), "{hidden} in {all}");
    }
    assert!(desk.ok("help METHOD").stdout.starts_with("# Method\n"));
    assert_eq!(desk.ok("help gaps").stdout, desk.ok("gaps --help").stdout);
    assert_eq!(desk.ok("help models promote").stdout, desk.ok("models promote --help").stdout);
    let refused = desk.run("help metod");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("did you mean \"method\"?"), "{}", refused.stderr);
    assert_eq!(desk.run("help nothing at all").code, 2);
    for incomplete in ["", "models"] {
        let finished = desk.run(incomplete);
        assert_eq!(finished.code, 2);
        assert!(finished.stderr.contains("Usage: ") && !finished.stderr.starts_with("error"), "{}", finished.stderr);
    }
}

#[test]
fn former_names_still_work_and_say_so() {
    let desk = Desk::with_world(300, crate::world::LAST_DAY);
    let former = [
        ("lags", "gaps", "--by team"),
        ("trace", "history", "D0000"),
        ("stagnation --judged", "stagnation --backtest", ""),
    ];
    for (before, now, more) in former {
        let old = desk.ok(&format!("{before} {TABLES} --format csv {more}"));
        assert_eq!(old.stdout, desk.ok(&format!("{now} {TABLES} --format csv {more}")).stdout, "{before}");
        let last = |command: &str| command.split(' ').next_back().unwrap_or_default().to_owned();
        let note = format!("`{}` is now called `{}`\n", last(before), last(now));
        assert!(old.stderr.contains(&note), "{}", old.stderr);
    }
}
