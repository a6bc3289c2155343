//! What stands in the tables: what was sent, in the right types, and nothing more than once.

use std::collections::BTreeMap;

use crate::harness::{Desk, Table};
use crate::scene::{books, count, desk, plan, run, scored};
use crate::server::{Kind, PASSWORD, Server};

/// A configuration for `table`, with all there is to feed.
pub fn section(server: &Server, url: &str, table: &str, more: &str) -> String {
    format!(
        "[push.table]\ntarget = \"{}\"\nurl = \"{url}\"\ntable = \"{table}\"\nsecret = {{ file = \"password\" }}\n{more}\n\
         [push.table.fields]\nscore = \"score\"\nprobability = \"probability\"\ngrade = \"grade\"\ntrend = \"trend\"\n\
         stagnation = \"stagnation\"\npredicted_close_date = \"predicted_close_date\"\nprevious_score = \"previous_score\"\n\
         model_id = \"model_id\"\nscored_at = \"scored_at\"\ntop_factors = \"top factors\"\n",
        server.target()
    )
}

/// A desk that pushes to `table`.
pub fn sql_desk(server: &Server, table: &str, more: &str) -> Desk {
    let desk = desk(&section(server, &server.url(), table, more));
    desk.write("password", format!("{PASSWORD}\n"));
    desk
}

/// A table as the server's own client prints it, by deal.
fn held(server: &Server, table: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = server.sql(&format!("SELECT * FROM {table} ORDER BY deal_id"));
    let delimiter = if server.kind == Kind::Postgres { b',' } else { b'\t' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(server.kind == Kind::Postgres)
        .from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cell = |text: &str| if text == "NULL" { String::new() } else { text.to_owned() };
        let cells: BTreeMap<String, String> = names.iter().map(str::to_owned).zip(record.iter().map(cell)).collect();
        (cells["deal_id"].clone(), cells)
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Every scored deal of a run stands in the table as `scores.csv` has it.
pub fn assert_right(server: &Server, table: &str, of: &str) {
    let held = held(server, table);
    let scores = Table::read(&run(of).join("scores.csv"));
    assert_eq!(held.len(), scores.rows());
    for row in scores.iter() {
        let held = &held[row.get("deal_id")];
        for (column, of) in [
            ("score", "score"),
            ("grade", "grade"),
            ("trend", "trend"),
            ("stagnation", "stagnation"),
            ("predicted_close_date", "predicted_close_date"),
            ("previous_score", "previous_score"),
            ("scored_at", "as_of"),
        ] {
            assert_eq!(held[column], row.get(of), "{column} of {}", row.get("deal_id"));
        }
        let (chance, expected): (f64, f64) =
            (held["probability"].parse().unwrap(), row.get("win_probability").parse().unwrap());
        assert!((chance - expected).abs() < 1e-6, "{chance} for {expected}");
        assert!(held["top factors"].contains(": ") && !held["model_id"].is_empty(), "{held:?}");
    }
}

pub fn arrive(server: &Server) {
    let desk = sql_desk(server, "arrived", "");
    let planned = plan(&desk, "first");
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let deals = scored("first").len();
    assert_eq!(Table::parse(&planned.stdout).column("step"), vec!["write"; deals]);
    let there = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'arrived'";
    assert_eq!(server.number(there), 0, "a plan makes nothing");
    assert_eq!(desk.run("push apply --limit 5").code, 5);
    assert_eq!(held(server, "arrived").len(), 5);
    desk.ok("push resume");
    assert_eq!(count(&books(&desk), "written"), deals);
    assert_right(server, "arrived", "first");
    desk.ok("push verify");
    let again = plan(&desk, "first");
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; deals]);
    desk.ok("push apply");
    let types =
        server.sql("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'arrived'");
    for (column, postgres, mariadb) in [
        ("score", "smallint", "smallint"),
        ("probability", "double precision", "double"),
        ("scored_at", "date", "date"),
        ("deal_id", "text", "varchar"),
    ] {
        let (gap, name) = if server.kind == Kind::Postgres { (',', postgres) } else { ('\t', mariadb) };
        assert!(types.contains(&format!("{column}{gap}{name}\n")), "{column}: {types}");
    }
}

pub fn change(server: &Server) {
    let desk = sql_desk(server, "changed", "");
    plan(&desk, "first");
    desk.ok("push apply");
    let before = held(server, "changed");
    // Somebody else's column, and a value the run says nothing of, stay.
    server.sql("ALTER TABLE changed ADD COLUMN note varchar(20)");
    server.sql("UPDATE changed SET note = 'mine'");
    let planned = plan(&desk, "second");
    let writes = Table::parse(&planned.stdout).column("step").iter().filter(|step| **step == "write").count();
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), writes);
    let after = held(server, "changed");
    let day = |rows: &BTreeMap<String, BTreeMap<String, String>>, deal: &String| {
        rows.get(deal).map(|row| row["scored_at"].clone())
    };
    let touched = after.keys().filter(|deal| day(&after, deal) != day(&before, deal)).count();
    assert_eq!(touched, writes);
    assert!(before.keys().all(|deal| after[deal]["note"] == "mine"), "a column that is fed by nothing stays");
    desk.ok("push verify");
}

/// Tables that do not fit, and what is said of them.
pub fn other_columns(server: &Server) {
    let (quote, text) =
        if server.kind == Kind::Postgres { ('"', "text") } else { ('`', "varchar(50) COLLATE utf8mb4_bin") };
    let mut faults = vec![
        (format!("(id {text} PRIMARY KEY)"), "has no column deal_id"),
        (format!("(deal_id {text})"), "has a column deal_id that is no key"),
        ("(deal_id int PRIMARY KEY)".to_owned(), "expected text"),
        (format!("(deal_id {text} PRIMARY KEY, owner int NOT NULL)"), "has a column owner that must be filled"),
        (format!("(deal_id {text} PRIMARY KEY, score {text})"), "score is of another type than score needs"),
        (format!("(deal_id {text} PRIMARY KEY, probability numeric(3, 1))"), "keeps too few decimals"),
        (format!("(deal_id {text} PRIMARY KEY, score int GENERATED ALWAYS AS (7) STORED)"), "score is computed"),
    ];
    match server.kind {
        Kind::Postgres => faults.extend([
            (format!("(deal_id {text} PRIMARY KEY, grade jsonb)"), "grade is of type jsonb, expected text"),
            (format!("(deal_id {text} PRIMARY KEY, {quote}Score{quote} int)"), "score is there as Score"),
        ]),
        Kind::Mariadb => faults.extend([
            ("(deal_id varchar(50) COLLATE utf8mb4_general_ci PRIMARY KEY)".to_owned(), "collation that ends in _bin"),
            (format!("(deal_id {text} PRIMARY KEY) ENGINE=MyISAM"), "is kept by MyISAM, expected InnoDB"),
            (format!("(deal_id {text} PRIMARY KEY, score int UNIQUE)"), "score is in another unique key"),
        ]),
    }
    for (columns, expected) in faults {
        server.sql(&format!("DROP TABLE IF EXISTS unfit; CREATE TABLE unfit {columns}"));
        if server.kind == Kind::Postgres {
            server.sql("ALTER TABLE unfit OWNER TO scorer");
        }
        let desk = sql_desk(server, "unfit", "");
        for part in ["push setup --format csv".to_owned(), format!("push plan --run {}", run("first").display())] {
            let refused = desk.run(&part);
            let told = format!("{}{}", refused.stdout, refused.stderr);
            assert_eq!(refused.code, 2, "{part} of {columns}: {told}");
            assert!(told.contains(expected), "{part} of {columns}: {told}");
        }
        assert_eq!(server.number("SELECT count(*) FROM unfit"), 0);
    }
    let view = sql_desk(server, "a_view", "");
    server.sql("CREATE VIEW a_view AS SELECT 'x' AS deal_id");
    if server.kind == Kind::Postgres {
        server.sql("ALTER VIEW a_view OWNER TO scorer");
    }
    assert!(view.run("push setup").stderr.contains("no table but a view"));
}

pub fn own_types(server: &Server) {
    let (text, moment) = if server.kind == Kind::Postgres {
        ("varchar(36)", "timestamp")
    } else {
        ("varchar(36) COLLATE utf8mb4_bin", "datetime")
    };
    server.sql(&format!(
        "CREATE TABLE finer (deal_id {text} PRIMARY KEY, probability numeric(7, 6), score int, scored_at {moment} NULL, \
         grade char(3), owner int DEFAULT 7)"
    ));
    if server.kind == Kind::Postgres {
        server.sql("ALTER TABLE finer OWNER TO scorer");
    }
    let desk = sql_desk(server, "finer", "");
    let planned = plan(&desk, "first");
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    desk.ok("push apply");
    desk.ok("push verify");
    let again = plan(&desk, "first");
    assert!(Table::parse(&again.stdout).column("step").iter().all(|step| *step == "unchanged"), "{}", again.stdout);
    for (deal, row) in held(server, "finer") {
        let expected = scored("first").into_iter().find(|scored| scored.deal == deal).unwrap();
        assert_eq!(row["probability"], format!("{:.6}", expected.chance));
        assert_eq!(row["score"], expected.score.to_string());
        assert!(row["scored_at"].ends_with(" 00:00:00") && row["owner"] == "7", "{row:?}");
    }
}

pub fn setup(server: &Server) {
    let desk = sql_desk(server, "prepared", "");
    let first = desk.ok("push setup --format csv");
    assert_eq!(first.stdout.matches("made by the first write").count(), 10, "{}", first.stdout);
    assert!(first.stderr.contains("CREATE TABLE IF NOT EXISTS"), "{}", first.stderr);
    let statement = first.stderr.lines().find_map(|line| line.split_once("the first write does: ")).unwrap().1;
    assert!(desk.ok("push setup --offline").stderr.contains(statement));
    server.sql(statement);
    if server.kind == Kind::Postgres {
        server.sql("ALTER TABLE prepared OWNER TO scorer");
    }
    server.sql("ALTER TABLE prepared DROP COLUMN grade");
    let then = desk.ok("push setup --format csv");
    assert_eq!(then.stdout.matches(",there").count(), 9, "{}", then.stdout);
    assert!(then.stderr.contains("ADD COLUMN"), "{}", then.stderr);
    assert_eq!(plan(&desk, "first").code, 0);
    desk.ok("push apply");
    assert_right(server, "prepared", "first");
    assert!(!desk.ok("push setup").stderr.contains("the first write does"));
}

pub fn one_bad_row(server: &Server) {
    let deals = scored("first");
    let bad = &deals[deals.len() / 2].deal;
    let text = if server.kind == Kind::Postgres { "text" } else { "varchar(99) COLLATE utf8mb4_bin" };
    server
        .sql(&format!("CREATE TABLE spoilt (deal_id {text} PRIMARY KEY, CONSTRAINT sane CHECK (deal_id <> '{bad}'))"));
    if server.kind == Kind::Postgres {
        server.sql("ALTER TABLE spoilt OWNER TO scorer");
    }
    let desk = sql_desk(server, "spoilt", "");
    plan(&desk, "first");
    let applied = desk.run("push apply --format csv");
    assert_eq!(applied.code, 5, "{}", applied.stderr);
    assert!(applied.stdout.contains("sane"), "the constraint is named: {}", applied.stdout);
    let counts = books(&desk);
    assert_eq!((count(&counts, "written"), count(&counts, "rejected")), (deals.len() - 1, 1));
    server.sql("ALTER TABLE spoilt DROP CONSTRAINT sane");
    desk.ok("push retry");
    assert_right(server, "spoilt", "first");
}

pub fn socket(server: &Server) {
    let desk = desk(&section(server, &server.socket_url(), "by_socket", ""));
    desk.write("password", PASSWORD);
    assert_eq!(plan(&desk, "first").code, 0);
    desk.ok("push apply");
    assert_right(server, "by_socket", "first");
}
