//! The same table as plain, compressed and Parquet file, as parts, and by glob.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use dealcast::domain::inputs::InputTable;
use dealcast::ingest::Loaded;

use dealcast::domain::ids::RowIx;
use dealcast::ingest::tables::Attribute;

use super::world::{World, moments, names, rejects};

fn text(rows: std::ops::Range<usize>) -> String {
    let mut text = String::from("deal_id,stage,created_at,amount,size\n");
    for i in rows {
        text += &format!("{i},S{},2025-01-{:02},{}.25,{i}.5\n", i % 3, i % 28 + 1, i * 10);
    }
    text
}

fn assert_same(a: &Loaded, b: &Loaded) {
    assert!(a.tables.deals.frame().equals_missing(b.tables.deals.frame()));
    assert_eq!(names(a, "stage"), names(b, "stage"));
}

fn gz(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("written");
    encoder.finish().expect("closed")
}

#[test]
fn compressed_equals_plain() {
    let plain = World::deals(text(0..50_000)).loaded();
    let zst = zstd::encode_all(text(0..50_000).as_bytes(), 1).expect("compressed");
    assert_same(&plain, &World::deals(gz(&text(0..50_000))).loaded());
    assert_same(&plain, &World::deals(zst).loaded());
    let empty = blake3::hash(text(0..50_000).as_bytes()).to_hex().to_string();
    assert_eq!(plain.inputs[0].blake3, empty);
}

#[test]
fn parts_of_a_folder_and_a_glob_come_in_name_order() {
    let whole = World::deals(text(0..300)).loaded();
    let mut world = World::deals("").with("p-2.csv", text(100..300)).with("p-1.csv.gz", gz(&text(0..100)));
    world.config.sources.get_or_default(InputTable::Deals).path = "p-*".to_owned();
    assert_same(&whole, &world.loaded());
    let folder = world.path().join("parts");
    std::fs::create_dir(&folder).expect("created");
    for name in ["p-1.csv.gz", "p-2.csv"] {
        std::fs::rename(world.path().join(name), folder.join(name)).expect("moved");
    }
    std::fs::write(folder.join("_SUCCESS"), "").expect("written");
    world.config.sources.get_or_default(InputTable::Deals).path = "parts".to_owned();
    let loaded = world.loaded();
    assert_same(&whole, &loaded);
    assert_eq!(
        loaded.inputs.iter().map(|input| (input.path.as_str(), input.rows)).collect::<Vec<_>>(),
        [("p-1.csv.gz", 100), ("p-2.csv", 200)]
    );
}

#[test]
fn parts_may_have_different_columns() {
    let mut world = World::deals("deal_id,stage,created_at,old\n1,A,2025-01-02,x\n")
        .with("other.csv", "new,created_at,stage,deal_id\ny,2025-01-03,B,2\n");
    world.config.sources.get_or_default(InputTable::Deals).path = "*.csv".to_owned();
    let loaded = world.loaded();
    assert_eq!(
        (names(&loaded, "old"), names(&loaded, "new")),
        (vec!["x".into(), String::new()], vec![String::new(), "y".into()])
    );
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).expect("equal lengths");
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

fn deals(rows: i64) -> Vec<u8> {
    let created = Date32Array::from_iter_values((0..rows).map(|i| 20_089 + (i % 28) as i32));
    let amount =
        Decimal128Array::from_iter_values((0..rows).map(|i| i128::from(i) * 1000 + 25)).with_precision_and_scale(18, 2);
    parquet(vec![
        ("Deal ID", Arc::new(Int64Array::from_iter_values(0..rows))),
        ("stage", Arc::new((0..rows).map(|i| Some(format!("S{}", i % 3))).collect::<StringArray>())),
        ("created_at", Arc::new(created)),
        ("amount", Arc::new(amount.expect("fits"))),
        ("size", Arc::new(Float64Array::from_iter_values((0..rows).map(|i| i as f64 + 0.5)))),
    ])
}

#[test]
fn parquet_equals_csv_and_keeps_numbers() {
    let csv = World::deals(text(0..40_000)).loaded();
    let parquet = World::deals(deals(40_000)).loaded();
    assert_eq!(csv.tables.deals.created_at(), parquet.tables.deals.created_at());
    assert_eq!(csv.tables.deals.amounts_minor(), parquet.tables.deals.amounts_minor());
    assert_eq!(names(&csv, "stage"), names(&parquet, "stage"));
    assert_eq!(parquet.tables.deals.id(RowIx::at(39_999)), Some("9999"), "by id");
    assert!(parquet.tables.deals.is_number("size") && !csv.tables.deals.is_number("size"));
    let Some(Attribute::Numbers(sizes)) = parquet.tables.deals.extra("size") else { panic!("numbers") };
    assert_eq!(sizes.get(RowIx::at(39_999)), Some(9_999.5));
    assert!(parquet.tables.deals.extra("Size").is_none(), "no column by that name");
}

#[test]
fn parquet_instants_become_local_and_bad_cells_are_rejected_by_row() {
    let at = TimestampMillisecondArray::from(vec![1_751_412_600_000; 30]).with_timezone("UTC");
    let mut amounts: Vec<Option<&str>> = vec![Some("1"); 30];
    amounts[20] = Some("x");
    let file = parquet(vec![
        ("deal_id", Arc::new(Int64Array::from_iter_values(0..30))),
        ("stage", Arc::new(StringArray::from(vec!["A"; 30]))),
        ("created_at", Arc::new(at)),
        ("amount", Arc::new(StringArray::from(amounts))),
    ]);
    let loaded = World::deals(file).configured("[calendar]\ntime_zone = \"Europe/Berlin\"").loaded();
    // date -u -d @1751412600 : 2025-07-01 23:30, two hours later in Berlin
    assert_eq!(moments(&loaded, "created_at")[0], "2025-07-02 01:30:00");
    assert_eq!(rejects(&loaded), [(21, "amount".into(), "x".into(), "bad_amount".into())]);
}

#[test]
fn every_table_of_the_contract_loads() {
    let world = World::deals("deal_id,stage,created_at\nd1,A,2025-01-02\n")
        .with("activities.csv", "deal_id,occurred_at,kind,count\nd1,2025-01-03,call,2\nd1,2025-01-03,mail,\n")
        .with("quotas.csv", "owner,team,region,period,quota,currency\nann,,,2025-Q1,\"1,000.50\",EUR\n,t1,,2025,5,\n,,west,2025-01,6,\n,,,2025,,\n,,,2025,7,\n")
        .with("users.csv", "owner,name,manager,active_from\nann,Ann Lee,bo,2024-05-06\n")
        .with("fx_rates.csv", "currency,date,rate\nJPY,2025-01-02,0.0067\nEUR,2025-02-01,1.085\nEUR,2025-01-01,1.1\n")
        .with("campaign_costs.csv", "source,period,cost\nweb,2025-01,99.90\n")
        .with("revisions.csv", "submitted_at,author,owner,period,category,amount,note\n2025-01-05T10:00,bo,ann,2025-Q1,commit,500,sure\n");
    let loaded = world.loaded();
    let tables = &loaded.tables;
    assert_eq!((tables.activities.count.clone(), tables.activities.kinds.len()), (vec![2, 1], 2));
    let quotas: Vec<String> =
        tables.quotas.iter().map(|q| format!("{:?} {} {}", q.node, q.period, q.quota_minor)).collect();
    assert_eq!(
        quotas,
        ["Company 2025 700", "Region(\"west\") 2025-01 600", "Team(\"t1\") 2025 500", "Owner(\"ann\") 2025-Q1 100050"]
    );
    assert_eq!(loaded.issues.count(dealcast::config::Rule::MissingQuota), 1);
    assert_eq!(tables.users[0].active_from.map(|day| day.to_string()).as_deref(), Some("2024-05-06"));
    let rates: Vec<String> = tables
        .fx_rates
        .iter()
        .map(|r| format!("{} {} {}", tables.currencies.name(r.currency).unwrap_or(""), r.day, r.rate))
        .collect();
    assert_eq!(rates, ["EUR 2025-01-01 1.1", "EUR 2025-02-01 1.085", "JPY 2025-01-02 0.0067"]);
    assert_eq!(tables.campaign_costs[0].cost_minor, 9_990);
    assert_eq!((tables.revisions[0].amount_minor, tables.revisions[0].note.as_deref()), (50_000, Some("sure")));
    let tables: Vec<&str> = loaded.inputs.iter().map(|input| input.table).collect();
    assert_eq!(tables, ["deals", "activities", "quotas", "users", "fx_rates", "campaign_costs", "revisions"]);
}
