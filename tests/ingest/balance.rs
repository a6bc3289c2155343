//! Properties: rows in = used + rejected whatever the rows; no bytes make it panic; threads change nothing.

use dealcast::ingest::Loaded;
use proptest::prelude::*;

use super::world::{World, assert_balance, names, rejects};

const LOOSE: &str =
    "[rules]\nmax_reject_share = 1.0\n[rules.severity]\nambiguous_date = \"warn\"\nambiguous_amount = \"warn\"";

fn cell() -> impl Strategy<Value = String> {
    let words = [
        "",
        "a",
        "b",
        "2025-01-02",
        "2024-12-31T10:00:00Z",
        "31/12/2025",
        "12/31/2025",
        "01/02/2025",
        "1.234",
        "1,5",
        "$7",
        "-3",
        "won",
        "LOST",
        "NULL",
        "45000",
        "50%",
        "\"q\"\"q\"",
        "\"x\ny\"",
        "é",
    ];
    prop_oneof![8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "[^\",;\t|\r\n]{0,6}"]
}

/// Rows with as many cells as the header has, or with up to `ragged` more or fewer.
fn rows(header: &'static str, ragged: usize) -> impl Strategy<Value = Vec<String>> {
    let width = header.split(',').count();
    let row = proptest::collection::vec(cell(), width - ragged..=width + ragged).prop_map(|cells| cells.join(","));
    proptest::collection::vec(row, 0..30)
}

fn file(header: &str, rows: &[String]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

fn table(header: &'static str) -> impl Strategy<Value = String> {
    rows(header, 1).prop_map(move |rows| file(header, &rows))
}

/// The same rows in two orders, each as a file.
fn two_orders(header: &'static str) -> impl Strategy<Value = [String; 2]> {
    let both = rows(header, 0).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()));
    both.prop_map(move |(one, other)| [file(header, &one), file(header, &other)])
}

/// What was loaded, without lines.
fn content(loaded: &Loaded) -> String {
    let tables = &loaded.tables;
    let changes = &tables.changes;
    let mut log: Vec<String> = (0..changes.len()).map(|i| format!("{:?}", changes.get(i))).collect();
    log.sort();
    let mut rejected: Vec<String> =
        rejects(loaded).into_iter().map(|(_, column, value, rule)| column + &value + &rule).collect();
    rejected.sort();
    let words: Vec<&str> = tables.stage_names.names().chain(tables.owners.names()).collect();
    let more = tables.deals.attribute("more").map(|_| names(loaded, "more"));
    format!("{more:?} {log:?} {rejected:?} {words:?} {:?} {:?}", tables.quotas, tables.newest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_row_is_used_or_rejected(
        deals in table("deal_id,stage,created_at,closed_at,amount,currency,status,probability,more"),
        history in table("deal_id,changed_at,stage,amount,expected_close_date"),
        log in table("deal_id,changed_at,field,old_value,new_value"),
        quotas in table("owner,period,quota"),
    ) {
        // the balance itself is asserted by every load
        let world = World::deals(&deals).with("stage_history.csv", history).with("quotas.csv", quotas).configured(LOOSE);
        if let Ok(loaded) = world.load() {
            let used: u64 = loaded.inputs.iter().filter(|input| input.table == "deals").map(|input| input.used).sum();
            prop_assert_eq!(used, loaded.tables.deals.len() as u64);
            let used: u64 = loaded.inputs.iter().filter(|input| input.table == "stage_history").map(|input| input.used).sum();
            prop_assert_eq!(used, loaded.tables.changes.len() as u64);
        }
        let _ = World::deals(&deals).with("stage_history.csv", log).configured(LOOSE).load();
    }

    #[test]
    fn the_order_of_rows_is_no_matter(
        deals in two_orders("deal_id,stage,created_at,closed_at,amount,currency,status,probability,more"),
        history in two_orders("deal_id,changed_at,stage,amount,expected_close_date"),
        quotas in two_orders("owner,period,quota"),
    ) {
        let [one, other] = [0, 1].map(|i| {
            let world = World::deals(&deals[i]).with("stage_history.csv", &history[i]).with("quotas.csv", &quotas[i]);
            world.configured(LOOSE).load().ok()
        });
        prop_assert_eq!(one.as_ref().map(content), other.as_ref().map(content));
        if let (Some(one), Some(other)) = (one, other) {
            prop_assert!(one.tables.deals.frame().equals_missing(other.tables.deals.frame()));
        }
    }

    #[test]
    fn no_bytes_make_a_csv_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = World::deals(&bytes).configured(LOOSE).load();
        let mut table = b"deal_id,stage,created_at,amount\n".to_vec();
        table.extend_from_slice(&bytes);
        let _ = World::deals(&table).configured(LOOSE).load();
    }

    #[test]
    fn no_damage_makes_a_parquet_panic(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let text = "deal_id,stage,created_at\n1,A,2025-01-02\n2,B,2025-01-03\n";
        let mut bytes = parquet(text);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = World::deals(&bytes).configured(LOOSE).load();
        bytes.truncate(cut.index(bytes.len()));
        let _ = World::deals(&bytes).configured(LOOSE).load();
    }
}

fn parquet(text: &str) -> Vec<u8> {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let column = |i: usize| rows.iter().map(|row| Some(row[i])).collect::<arrow::array::StringArray>();
    let columns =
        header.iter().enumerate().map(|(i, name)| (*name, std::sync::Arc::new(column(i)) as arrow::array::ArrayRef));
    let batch = arrow::array::RecordBatch::try_from_iter(columns).expect("equal lengths");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

#[test]
fn threads_change_nothing() {
    let mut deals = String::from("deal_id,stage,created_at,owner,amount\n");
    let mut history = String::from("deal_id,changed_at,stage,owner\n");
    for i in 0..90_000 {
        let amount = if i % 997 == 0 { "x".to_owned() } else { format!("{i}.50") };
        deals += &format!("d{},S{},2025-01-02,o{},{amount}\n", i % 89_000, i % 7, i % 1013);
        history += &format!("d{},2025-02-0{},S{},o{}\n", (i * 7) % 90_500, i % 9 + 1, i % 11, i % 2003);
    }
    let world = World::deals(deals).with("stage_history.csv", history);
    let load = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| world.loaded())
    };
    let (one, four) = (load(1), load(4));
    assert_balance(&one);
    assert!(one.tables.deals.frame().equals_missing(four.tables.deals.frame()));
    assert_eq!(one.tables.changes.stage, four.tables.changes.stage);
    assert_eq!(one.tables.changes.owner, four.tables.changes.owner);
    assert_eq!(one.tables.owners.names().collect::<Vec<_>>(), four.tables.owners.names().collect::<Vec<_>>());
    assert_eq!(rejects(&one), rejects(&four));
    assert_eq!(one.inputs, four.inputs);
}
