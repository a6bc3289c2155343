//! Every kind of dirty file and row that `dealcast help dirty` lists, one test per row of its table; cells are in
//! `kinds_of_cells`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, StructArray};
use arrow::datatypes::{DataType, Field};
use arrow::record_batch::RecordBatch;
use dealcast::config::Rule;
use dealcast::domain::ids::RowIx;
use dealcast::ingest::Loaded;
use encoding_rs::Encoding;
use parquet::arrow::ArrowWriter;

use super::world::{World, amounts_minor, moments, names, rejects};

const PAGE: &str = include_str!("../../src/docs/dirty.md");
const HEADER: &str = "deal_id;stage;created_at;amount;owner\n";

/// What is said of how files were read.
fn assumed(loaded: &Loaded) -> String {
    let told = loaded.inputs.iter().flat_map(|input| &input.assumed);
    told.map(|one| format!("{} [{}]\n", one.what, one.key)).collect()
}

fn owners_of(bytes: impl AsRef<[u8]>) -> (Vec<String>, String) {
    let loaded = World::deals(bytes).loaded();
    (names(&loaded, "owner"), assumed(&loaded))
}

/// Two deals of this owner, with a stage in the same language.
fn table(stage: &str, owner: &str) -> String {
    format!("{HEADER}1;{stage};2025-01-02;5;{owner}\n2;{stage};2025-01-03;6;{owner}\n")
}

#[test]
fn the_page_and_the_tests_list_the_same_kinds() {
    let sources = [
        include_str!("kinds.rs"),
        include_str!("kinds_of_cells.rs"),
        include_str!("copies.rs"),
        include_str!("twice.rs"),
    ];
    let tests_in = |source: &'static str| {
        source.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next()).collect::<Vec<_>>()
    };
    let rows = PAGE.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let listed: Vec<&str> = rows.filter_map(|row| row.trim_end_matches("` |").rsplit('`').next()).collect();
    for name in &listed {
        assert!(sources.iter().any(|source| tests_in(source).contains(name)), "{name} is no test");
    }
    for name in sources[..2].iter().flat_map(|source| tests_in(source)).skip(1) {
        assert!(listed.contains(&name), "{name} is not on the page");
    }
}

#[test]
fn utf_8_with_a_mark() {
    let text = table("Møte", "Zoë");
    assert_eq!(owners_of([b"\xef\xbb\xbf", text.as_bytes()].concat()).0, ["Zoë", "Zoë"]);
    assert_eq!(owners_of([b"\xef\xbb\xbf\xef\xbb\xbf", text.as_bytes()].concat()).0, ["Zoë", "Zoë"]);
}

#[test]
fn utf_16() {
    let text = table("見積提出", "鈴木");
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [[b"\xff\xfe", &le[..]].concat(), [b"\xfe\xff", &be[..]].concat(), le, be] {
        assert_eq!(owners_of(bytes).0, ["鈴木", "鈴木"]);
    }
}

fn reads(encoding: &'static Encoding, stage: &str, owner: &str) {
    let text = table(stage, owner);
    let (bytes, _, lost) = encoding.encode(&text);
    assert!(!lost, "{owner}");
    let (owners, told) = owners_of(&bytes);
    assert_eq!(owners, [owner, owner], "{}", encoding.name());
    assert!(told.contains("encoding ") && told.contains("[encoding]") && told.contains(stage), "{told}");
}

#[test]
fn windows_encodings() {
    reads(encoding_rs::WINDOWS_1250, "Świętokrzyskie", "Łukasz Żółć");
    reads(encoding_rs::WINDOWS_1251, "Встреча", "Мария Иванова");
    reads(encoding_rs::WINDOWS_1252, "Größe", "Jürgen Müßig");
    reads(encoding_rs::WINDOWS_1253, "Προσφορά", "Γιώργος Παπαδόπουλος");
    reads(encoding_rs::WINDOWS_1254, "İğdır ışık", "Gökçe Şahin");
    reads(encoding_rs::WINDOWS_1255, "הצעה", "דוד כהן");
    reads(encoding_rs::WINDOWS_1256, "عرض", "محمد علي");
    reads(encoding_rs::WINDOWS_1257, "Pasūtījums", "Jānis Bērziņš");
}

#[test]
fn east_asian_encodings() {
    reads(encoding_rs::SHIFT_JIS, "見積提出", "鈴木太郎");
    reads(encoding_rs::EUC_JP, "見積提出", "鈴木太郎");
    reads(encoding_rs::GBK, "报价", "王小明");
    reads(encoding_rs::BIG5, "報價", "王小明");
    reads(encoding_rs::EUC_KR, "견적", "김철수");
}

#[test]
fn separators() {
    for separator in [";", "\t", "|", ","] {
        let loaded = World::deals(table("Talks", "Ann").replace(';', separator)).loaded();
        assert_eq!(names(&loaded, "owner"), ["Ann", "Ann"]);
        assert_eq!(assumed(&loaded).contains("[separator]"), separator != ",");
    }
    let (message, hint) = World::deals(table("Talks", "Ann").replace(';', "^")).fault();
    assert!(message.contains("no column `deal_id`") && hint.contains("sources.deals.separator"), "{hint}");
    let named = "[sources.deals]\nseparator = \"^\"";
    assert_eq!(World::deals(table("Talks", "Ann").replace(';', "^")).configured(named).loaded().tables.deals.len(), 2);
}

#[test]
fn a_line_that_names_the_separator() {
    let (owners, told) = owners_of(format!("sep=;\r\n{}", table("Talks", "Ann")));
    assert_eq!((owners.len(), told.as_str()), (2, ""), "what the file says is no guess");
}

#[test]
fn lines_above_and_below() {
    let rows: String = (0..9).map(|i| format!("{i};Talks;2025-01-02;5;Ann\n")).collect();
    let text = format!("Pipeline report\nVertraulich;01.02.2025\n\n{HEADER}{rows}\nErstellt von Ann am 01.02.2025\n");
    let loaded = World::deals(&text).loaded();
    assert_eq!((loaded.tables.deals.len(), loaded.issues.rejects()), (9, 0));
    assert!(
        assumed(&loaded).contains("2 lines above the header left out (\"Pipeline report\""),
        "{}",
        assumed(&loaded)
    );
    assert!(assumed(&loaded).contains("1 line below the table left out"), "{}", assumed(&loaded));
    let total = World::deals(format!("{HEADER}{rows}Summe;;;45;\n")).loaded();
    assert_eq!(rejects(&total), [(11, "stage".into(), String::new(), "missing_stage".into())]);
}

#[test]
fn quotes_and_line_breaks() {
    let text =
        "deal_id,stage,created_at,name\r\n1,A,2025-01-02,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,A,2025-01-02,x\r\n";
    assert_eq!(World::deals(text).loaded().tables.deals.name(RowIx::at(0)), Some("two\r\nlines, \"quoted\""));
    let escaped = "deal_id,stage,created_at,name\n1,A,2025-01-02,\"a \\\"b\\\", c\"\n";
    assert_eq!(World::deals(escaped).loaded().tables.deals.name(RowIx::at(0)), Some("a \"b\", c"));
    let (message, _) = World::deals("deal_id,stage,created_at,name\n1,A,2025-01-02,\"open\n2,A,2025-01-02,x\n").fault();
    assert!(message.contains("line 2: a quoted cell is never closed"), "{message}");
}

#[test]
fn lines_of_other_length() {
    let rows: String = (0..40).map(|i| format!("{i};A;2025-01-02;5;Ann\n")).collect();
    let loaded =
        World::deals(format!("{HEADER}{rows}short;A\nspare;A;2025-01-02;5;Ann;;\nlong;A;2025-01-02;5;Ann;x\n"))
            .loaded();
    assert_eq!(loaded.tables.deals.len(), 41, "empty cells beyond the header do not count");
    let lines: Vec<(u64, String)> = rejects(&loaded).into_iter().map(|row| (row.0, row.3)).collect();
    assert_eq!(lines, [(42, "ragged_line".into()), (44, "ragged_line".into())]);
}

#[test]
fn what_is_no_table() {
    for (text, kind) in [("<!DOCTYPE html><table></table>", "a web page"), ("<?xml version=\"1.0\"?><a/>", "XML")] {
        let (message, _) = World::deals(text).fault();
        assert!(message.contains(&format!("it is {kind}, not a table: save it as CSV")), "{message}");
    }
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

fn words(words: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(words.to_vec()))
}

fn part(id: &str, rest: Vec<(&'static str, ArrayRef)>) -> Vec<u8> {
    let mut columns = vec![("deal_id", words(&[id])), ("stage", words(&["Talks"]))];
    columns.extend(rest);
    parquet(columns)
}

#[test]
fn parquet_that_was_cut() {
    let whole = part("1", vec![("created_at", words(&["2025-01-02"]))]);
    for length in [whole.len() - 1, whole.len() / 2, 5] {
        let (message, hint) = World::empty().with("deals.parquet", &whole[..length]).fault();
        assert!(message.contains("deals.parquet cannot be read"), "{message}");
        assert!(hint.contains("cut short"), "{hint}");
    }
}

fn parts(of: &[(&str, Vec<u8>)]) -> World {
    let world = World::empty().configured("[sources.deals]\npath = \"part_*\"");
    of.iter().fold(world, |world, (name, bytes)| world.with(name, bytes))
}

#[test]
fn parts_of_other_types() {
    let numbers =
        part("1", vec![("created_at", words(&["2025-01-02"])), ("amount", Arc::new(Int64Array::from(vec![5])))]);
    let floats =
        part("2", vec![("created_at", words(&["2025-01-03"])), ("amount", Arc::new(Float64Array::from(vec![6.5])))]);
    let texts = part("3", vec![("created_at", words(&["2025-01-04"])), ("amount", words(&["7.25"]))]);
    let loaded = parts(&[("part_a.parquet", numbers), ("part_b.parquet", floats), ("part_c.parquet", texts)]).loaded();
    assert_eq!(amounts_minor(&loaded), [Some(500), Some(650), Some(725)]);
    let record = StructArray::from(vec![(Arc::new(Field::new("id", DataType::Utf8, true)), words(&["x"]))]);
    let nested = part("1", vec![("created_at", words(&["2025-01-02"])), ("owner", Arc::new(record) as ArrayRef)]);
    let loaded = parts(&[("part_a.parquet", nested)]).loaded();
    assert!(assumed(&loaded).contains("the lists and records in \"owner\" left unread"), "{}", assumed(&loaded));
}

#[test]
fn files_of_other_columns() {
    let old = format!("{HEADER}1;Talks;2025-01-02;5;Ann\n").into_bytes();
    let new = b"deal_id;stage;created_at;Betrag netto;owner\n2;Talks;2025-01-03;6;Ann\n".to_vec();
    let loaded = parts(&[("part_a.csv", old.clone()), ("part_b.csv", new.clone())]).loaded();
    let told = "no amount, which part_a.csv has as \"amount\": is it \"Betrag netto\" now? [columns]";
    assert!(assumed(&loaded).contains(told), "{}", assumed(&loaded));
    let named = "[sources.deals]\npath = \"part_*\"\ncolumns = { amount = [\"amount\", \"Betrag netto\"] }";
    let loaded = parts(&[("part_a.csv", old), ("part_b.csv", new)]).configured(named).loaded();
    assert_eq!(amounts_minor(&loaded), [Some(500), Some(600)]);
    assert!(!assumed(&loaded).contains("no amount"), "{}", assumed(&loaded));
}

#[test]
fn rows_that_stand_twice() {
    let text = format!(
        "{HEADER}1;Talks;2025-01-02;5;Ann\n1;Talks;2025-01-02;5;Ann\n2;Talks;2025-01-02;5;Ann\n2;Won;2025-02-02;5;Ann\n"
    );
    let loaded = World::deals(text).loaded();
    assert_eq!(names(&loaded, "stage"), ["Talks", "Talks"], "the one created first counts");
    let rules: Vec<String> = rejects(&loaded).into_iter().map(|row| row.3).collect();
    assert_eq!(rules, ["duplicate_row", "duplicate_id"]);
}

#[test]
fn the_row_that_was_changed_last() {
    let newest = "[sources.deals]\nnewest_by = \"Changed\"\n[sources.leads]\nnewest_by = \"Changed\"\n";
    let deals = "deal_id,stage,created_at,Changed\n1,Won,2025-01-02,2025-03-01\n1,Talks,2025-01-02,2025-02-01\n";
    let leads = "lead_id,created_at,owner,Changed\nL1,2025-01-01,Ann,2025-01-05\nL1,2025-01-01,Bob,2025-01-06\n";
    let mut world = World::deals(deals).configured(newest).with("leads.csv", leads);
    world.config.sources.get_or_default(dealcast::domain::inputs::InputTable::Leads).path = "leads.csv".to_owned();
    let loaded = world.loaded();
    assert_eq!(names(&loaded, "stage"), ["Won"]);
    assert_eq!(loaded.tables.owners.name(loaded.tables.leads.owner[0]), Some("Bob"));
    let fault = dealcast::config::Config::parse("[sources.users]\nnewest_by = \"x\"\n", "dealcast.toml");
    assert!(fault.expect_err("users are no rows of an id").to_string().contains("sources.users.newest_by"));
}

#[test]
fn closed_before_it_was_created() {
    let text =
        "deal_id,stage,created_at,closed_at,status\n1,A,2025-01-02,2024-12-01,won\n2,A,2025-01-02,2025-02-01,won\n";
    let loaded = World::deals(text).loaded();
    assert_eq!(rejects(&loaded), [(2, "closed_at".into(), "2024-12-01".into(), "closed_before_created".into())]);
    let kept = World::deals(text).configured("[rules.severity]\nclosed_before_created = \"warn\"").loaded();
    assert_eq!(moments(&kept, "created_at")[0], "2024-12-01 00:00:00");
}

#[test]
fn won_without_a_closing_day() {
    let loaded = World::deals("deal_id,stage,created_at,closed_at,status\n1,A,2025-01-02,,won\n").loaded();
    assert_eq!(
        (loaded.issues.count(Rule::WonWithoutCloseDate), moments(&loaded, "closed_at")),
        (1, vec![String::new()])
    );
}

#[test]
fn an_owner_that_is_nobody() {
    let owners = ["", "Unassigned", "Nicht zugewiesen", "None", "Ann"];
    let rows: String =
        owners.iter().enumerate().map(|(i, owner)| format!("{i};Talks;2025-01-02;5;{owner}\n")).collect();
    assert_eq!(names(&World::deals(format!("{HEADER}{rows}")).loaded(), "owner"), ["", "", "", "", "Ann"]);
}

/// How history that the score user wrote is left out; `tests/cli/dirty_data.rs` says what comes of it.
#[test]
fn a_row_that_a_filter_leaves_out() {
    let log = "deal_id,changed_at,stage,changed_by\n1,2025-01-05,Talks,ann\n1,2025-02-01,Talks,score.bot\n";
    let filter = "[sources.stage_history]\nfilters = [{ column = \"changed_by\", none_of = [\"score.bot\"] }]\n";
    let loaded = World::deals("deal_id,stage,created_at\n1,Talks,2025-01-02\n")
        .with("stage_history.csv", log)
        .configured(filter)
        .loaded();
    assert_eq!((loaded.tables.changes.len(), loaded.issues.count(Rule::Filtered)), (1, 1));
}

#[test]
fn a_stage_outside_the_list() {
    let stages = "[[stages]]\nname = \"Talks\"\nkind = \"open\"\n";
    let text = format!("{HEADER}1;Talks;2025-01-02;5;Ann\n2;Demo;2025-01-02;5;Ann\n");
    assert_eq!(World::deals(&text).configured(stages).loaded().issues.count(Rule::UnknownStage), 1);
    let strict = format!("{stages}[rules.severity]\nunknown_stage = \"error\"");
    let (message, hint) = World::deals(&text).configured(&strict).fault();
    assert!(message.contains("\"Demo\" (1 rows, first deals.csv line 3)") && hint.contains("[[stages]]"), "{message}");
}
