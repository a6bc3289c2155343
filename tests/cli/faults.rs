//! Wrong input, wrong flags: a clear message with a hint, the right exit code, no back-trace.

use crate::harness::{Desk, TABLES};
use crate::world::LAST_DAY;

const HEADER: &str = "deal_id,stage,created_at,amount,closed_at\n";

/// A few good rows.
const ROWS: &str = "a,Open,2025-01-01,100,\nb,Won,2025-01-02,200,2025-02-01\nc,Lost,2025-01-03,300,2025-02-03\n";

const STAGES: &str = "[[stages]]\nname = \"Open\"\nkind = \"open\"\n[[stages]]\nname = \"Won\"\nkind = \"won\"\n\
                      [[stages]]\nname = \"Lost\"\nkind = \"lost\"\n";

/// Runs and checks code and words; standard output stays empty.
fn refused(desk: &Desk, arguments: &str, code: i32, words: &[&str]) {
    let finished = desk.run(arguments);
    assert_eq!(finished.code, code, "{arguments}: {}", finished.stderr);
    for word in words {
        assert!(finished.stderr.contains(word), "{arguments}: no {word:?} in: {}", finished.stderr);
    }
    assert!(finished.stdout.is_empty(), "{arguments}: {}", finished.stdout);
}

#[test]
fn deals_that_cannot_be_used_are_refused_with_file_line_and_hint() {
    let cases: [(&str, String, &[&str]); 8] = [
        (
            "a missing column",
            ROWS.replace("a,Open", "deal_id,phase,created_at,amount,closed_at\na,Open"),
            &["error: deals.csv has no column `stage`, which the table deals needs", "hint: "],
        ),
        ("an empty file", String::new(), &["error: deals.csv is empty, expected a header line"]),
        ("a header alone", HEADER.to_owned(), &["error: deals.csv has a header and no rows"]),
        (
            "text in amount",
            format!("{HEADER}{}", ROWS.replace(",100,", ",lots,")),
            &[
                "1 of 3 rows of deals are rejected",
                "bad_amount, first deals.csv line 2: `amount` is \"lots\"",
                "hint: ",
            ],
        ),
        (
            "duplicate ids",
            format!("{HEADER}{}", ROWS.replace("c,Lost", "a,Lost")),
            &["1 duplicate_id, first deals.csv line 4"],
        ),
        (
            "an impossible date",
            format!("{HEADER}{}", ROWS.replace("2025-01-02", "2025-02-30")),
            &["bad_date, first deals.csv line 3: `created_at` is \"2025-02-30\""],
        ),
        (
            "ambiguous dates",
            "deal_id,stage,created_at\na,Open,03/04/2025\n".to_owned(),
            &[
                "deals.csv line 2: `created_at` is \"03/04/2025\"",
                "hint: say which comes first: sources.deals.date_order",
            ],
        ),
        (
            "an open quote",
            format!("{HEADER}a,\"Open,2025-01-01,1,\n{ROWS}"),
            &["deals.csv line 2: a quoted cell is never closed"],
        ),
    ];
    for (what, text, words) in cases {
        let desk = Desk::empty();
        desk.write("deals.csv", text);
        desk.write("dealcast.toml", "[rules]\nmax_reject_share = 0\n");
        refused(&desk, "run --deals deals.csv --out out", 3, words);
        assert!(!desk.path("out").exists(), "{what}: no outputs");
        refused(&desk, "check --deals deals.csv", 3, words);
    }
}

#[test]
fn a_truncated_parquet_file_is_named() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 500 --format parquet --out world --quiet");
    let whole = std::fs::read(desk.path("world/deals.parquet")).unwrap();
    for length in [0, 3, whole.len() / 2, whole.len() - 1] {
        desk.write("world/deals.parquet", &whole[..length]);
        refused(&desk, "run --config world/dealcast.toml --out out", 3, &["deals.parquet", "error: "]);
    }
    let mut garbled = whole;
    let middle = garbled.len() / 2;
    garbled[middle - 100..middle + 100].fill(0xAA);
    desk.write("world/deals.parquet", &garbled);
    let code = desk.run("check --config world/dealcast.toml").code;
    assert!([0, 3].contains(&code), "{code}");
}

#[test]
fn stages_and_histories_that_do_not_fit_are_refused() {
    let desk = Desk::empty();
    let config = format!("{STAGES}[sources.deals]\npath = \"deals.csv\"\n");
    desk.write("dealcast.toml", format!("{config}[rules.severity]\nunknown_stage = \"error\"\n"));
    desk.write("deals.csv", format!("{HEADER}{}", ROWS.replace("a,Open", "a,Proposal")));
    refused(
        &desk,
        "run --out out",
        3,
        &["a stage the configuration does not list: \"Proposal\"", "hint: add it to the stage list"],
    );
    desk.write("dealcast.toml", config);
    let finished = desk.ok("run --out out");
    assert!(finished.stderr.contains("stage Proposal of 1 deal is not under [[stages]]: taken as open, after Open"));
    desk.write("deals.csv", format!("{HEADER}{ROWS}"));
    desk.write(
        "dealcast.toml",
        format!("{STAGES}[sources.deals]\npath = \"deals.csv\"\n[rules]\nmax_reject_share = 0\n"),
    );
    desk.write("history.csv", "deal_id,changed_at,stage\na,2024-12-01,Open\nb,2025-02-01,Won\n");
    refused(
        &desk,
        "run --stage-history history.csv --out out",
        3,
        &["1 of 2 rows of stage_history are rejected", "history_before_creation, first history.csv line 2"],
    );
    desk.write("history.csv", "deal_id,changed_at,stage\nzzz,2025-01-05,Open\n");
    refused(&desk, "run --stage-history history.csv --out out", 3, &["unknown_deal, first history.csv line 2"]);
}

#[test]
fn no_closed_deals_is_no_model_but_still_a_run() {
    let desk = Desk::empty();
    desk.write("deals.csv", format!("{HEADER}a,Open,2025-01-01,100,\nb,Open,2025-01-02,200,\n"));
    let finished = desk.ok("run --deals deals.csv --out out");
    assert!(finished.stderr.contains("no scores: 0 won and 0 other deals"));
    refused(&desk, "train --deals deals.csv", 4, &["0 won and 0 other deals", "hint: give it more closed deals"]);
}

#[test]
fn wrong_flags_and_configurations_are_the_users_to_correct() {
    let desk = Desk::with_world(200, LAST_DAY);
    desk.write("wrong_key.toml", "[sources.deals]\npath = \"deals.csv\"\ncolums = {}\n");
    desk.write("wrong_value.toml", "[calendar]\nfiscal_year_start = 13\n");
    desk.write("not_toml.toml", "[sources\n");
    let cases: [(&str, &[&str]); 15] = [
        ("run", &["no deals table is given", "hint: name the export with --deals"]),
        ("run --bogus", &["unexpected argument '--bogus'"]),
        ("run --deals deals.csv --as-of tomorrow", &["\"tomorrow\" is no date, expected YYYY-MM-DD"]),
        ("run --deals deals.csv --threads 0", &["--threads"]),
        ("run --config missing.toml", &["cannot read missing.toml"]),
        ("run --config wrong_key.toml", &["line 3", "hint: did you mean `columns`?"]),
        ("run --config wrong_value.toml --deals deals.csv", &["`calendar.fiscal_year_start` is 13, expected a month"]),
        ("run --config not_toml.toml", &["not_toml.toml: TOML parse error at line 1"]),
        ("run --deals deals.csv --by colour", &["column `colour` is not in the data, expected one of"]),
        ("run --deals deals.csv --model nothing", &["there is no model \"nothing\" in models", "hint: "]),
        ("run --deals deals.csv --models users.csv", &["users.csv is a file, expected a folder of models"]),
        ("run --deals - --stage-history -", &["is standard input, which deals is read from already"]),
        (
            "funnel --deals deals.csv --period 2025-Q7",
            &["--period is \"2025-Q7\", expected a period", "hint: write 2026-01"],
        ),
        (
            "stagnation --deals deals.csv --owner rep",
            &["no deal has the owner \"rep\"", "hint: did you mean \"rep0\"?"],
        ),
        ("forecast --deals deals.csv --category maybe", &["--category is \"maybe\""]),
    ];
    for (arguments, words) in cases {
        refused(&desk, arguments, 2, words);
    }
    assert!(!desk.path("out").exists() && !desk.path("dealcast-out").exists());
}

#[test]
fn files_that_are_not_there_and_days_before_everything_are_input_errors() {
    let desk = Desk::with_world(200, LAST_DAY);
    refused(&desk, "run --deals nowhere.csv --out out", 3, &["no file at nowhere.csv", "hint: "]);
    refused(
        &desk,
        &format!("run {TABLES} --as-of 1999-01-01 --out out"),
        3,
        &["no deal was created before 1999-01-01"],
    );
}

#[test]
fn garbage_of_every_kind_is_refused_and_never_a_fault() {
    let desk = Desk::empty();
    let noise: Vec<u8> = (0..5_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let cases: [&[u8]; 8] = [
        &noise,
        b"\0\0\0\0",
        b"\xff\xfe",
        b"deal_id,stage,created_at\n\"D1,New,2025-01-01\n",
        b"deal_id,stage,created_at\nD1\n",
        b"PAR1aaaaPAR1",
        b"deal_id,deal_id,stage,created_at\nD1,D1,New,2025-01-01\n",
        b"deal_id;stage;created_at\r\nD1;New;99/99/9999\r\n",
    ];
    for case in cases {
        desk.write("deals.csv", case);
        let run = desk.run("run --deals deals.csv --out out");
        assert!([2, 3].contains(&run.code), "{case:?}: {} {}", run.code, run.stderr);
        assert!(run.stderr.contains("error: ") && run.stderr.contains("deals.csv"), "{}", run.stderr);
    }
}
