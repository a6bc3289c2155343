//! Spoiling a folder: its tables, configuration, models, decision log and revisions.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, StringArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::cells::Cells;
use crate::random::Random;
use crate::worlds::World;
use crate::{bytes, nasty, tree};

/// Changes one thing in `home`; says what.
pub fn spoil(home: &Path, world: &World, random: &mut Random) -> String {
    let name = random.pick(&world.tables).clone();
    match random.below(20) {
        0..=10 => table(home, &name, random),
        11 | 12 => raw(home, &name, random),
        13..=15 => settings(home, random),
        16 => raw(home, "dealcast.toml", random),
        17 => {
            let id = random.pick(&world.models).clone();
            model(home, &id, random)
        }
        18 => {
            let name = *random.pick(&["models/current", "models/log.jsonl", "models/pinned"]);
            raw(home, name, random)
        }
        _ => {
            let id = random.pick(&world.models);
            let name = [format!("models/{id}.json"), "models/scores/2025-12-20.parquet".to_owned()];
            let name = random.pick(&name).clone();
            raw(home, &name, random)
        }
    }
}

/// Bytes of a file, whatever is in it.
fn raw(home: &Path, name: &str, random: &mut Random) -> String {
    let path = home.join(name);
    let mut content = fs::read(&path).unwrap_or_default();
    let told = bytes::change(&mut content, random);
    fs::write(path, content).unwrap();
    format!("{name}: {told}")
}

/// Cells, rows and columns of a table; now and then it becomes Parquet with nothing but text in it.
fn table(home: &Path, name: &str, random: &mut Random) -> String {
    let path = home.join(name);
    let is_parquet = name.ends_with(".parquet");
    let content = fs::read(&path).unwrap_or_default();
    let cells = if is_parquet { cells_of_parquet(&path) } else { Cells::of_csv(&content) };
    let Some(mut cells) = cells else {
        return format!("{name}: cannot be read any more");
    };
    let told: Vec<String> = (0..=random.below(3)).map(|_| cells.change(random)).collect();
    let told = format!("{name}: {}", told.join("; "));
    if is_parquet || random.percent(5) {
        fs::write(path, to_parquet(&cells, random)).unwrap();
        return format!("{told}; as Parquet");
    }
    fs::write(path, cells.to_csv(random)).unwrap();
    told
}

fn cells_of_parquet(path: &Path) -> Option<Cells> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).ok()?).ok()?.build().ok()?;
    let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().ok()?;
    let mut csv = Vec::new();
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut csv);
    for batch in &batches {
        writer.write(batch).ok()?;
    }
    drop(writer);
    Cells::of_csv(&csv)
}

fn to_parquet(cells: &Cells, random: &mut Random) -> Vec<u8> {
    let header = &cells.0[0];
    let is_binary = random.percent(10);
    let columns = header.iter().enumerate().map(|(at, name)| {
        let column = cells.0[1..].iter().map(|row| row.get(at).filter(|cell| !cell.is_empty()));
        let values: ArrayRef = if is_binary {
            Arc::new(column.map(|cell| cell.map(Vec::as_slice)).collect::<BinaryArray>())
        } else {
            Arc::new(
                column.map(|cell| cell.map(|cell| String::from_utf8_lossy(cell).into_owned())).collect::<StringArray>(),
            )
        };
        (String::from_utf8_lossy(name).into_owned(), values)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut content = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut content, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    content
}

/// A key of the configuration: one that is there, or one of the dictionary with a value that may do.
fn settings(home: &Path, random: &mut Random) -> String {
    let path = home.join("dealcast.toml");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let Ok(document) = toml::from_str::<toml::Table>(&text) else {
        return raw(home, "dealcast.toml", random);
    };
    let mut document = serde_json::to_value(document).unwrap();
    let told: Vec<String> = (0..=random.below(2))
        .map(|_| if random.percent(40) { tree::change(&mut document, random) } else { set(&mut document, random) })
        .collect();
    strip_nulls(&mut document);
    let Ok(text) = toml::to_string(&document) else {
        return "dealcast.toml: no longer TOML, left as it was".to_owned();
    };
    fs::write(path, text).unwrap();
    format!("dealcast.toml: {}", told.join("; "))
}

/// Keys of the configuration, with values that work in a world of its own kind.
const SETTINGS: [(&str, &str); 44] = [
    ("calendar.time_zone", r#"["Europe/Berlin", "Pacific/Apia", "America/St_Johns"]"#),
    ("calendar.fiscal_year_start", "[2, 4, 10, 12, 13, 0]"),
    ("calendar.fiscal_year_name", r#"["start", "end"]"#),
    ("calendar.weeks", r#"["4-4-5", "4-5-4", "5-4-4"]"#),
    ("calendar.week_starts", r#"["monday", "sunday"]"#),
    ("calendar.year_ends", r#"["last", "nearest"]"#),
    ("calendar.periods", r#"[["month"], ["half", "year"], ["quarter", "half"], []]"#),
    ("calendar.score_period", r#"["month", "half", "year"]"#),
    ("calendar.table", r#"[[{"year": 9999, "months": ["9999-01-01"], "last": "9999-12-31"}], []]"#),
    ("money.base_currency", r#"["EUR", "JPY", "KWD", "GBP"]"#),
    ("money.default_currency", r#"["EUR", "USD", "JPY"]"#),
    ("training.landmarks", r#"["weekly", "monthly"]"#),
    ("training.horizon_days", "[1, 30, 365, 4000000000]"),
    ("training.window_days", "[1, 30, 365, 4000000000]"),
    ("training.alphas", "[[0], [1e-300], [1e300], [0.1, 0.1], [-1], []]"),
    ("training.folds", "[1, 2, 20, 0]"),
    ("training.max_rows", "[1, 100, 5000]"),
    ("training.seed", "[0, 2, 9007199254740993]"),
    ("training.retrain.max_age_days", "[0, 1, 400]"),
    ("training.retrain.min_age_days", "[0, 1, 400]"),
    ("training.retrain.new_closed_share", "[0, 0.5, 2]"),
    ("training.retrain.drift_psi", "[0, 0.01, 10]"),
    ("features.exclude", r#"[["stage"], ["amount", "source"], ["nothing"]]"#),
    ("features.force", r#"[["lead_score"], ["nothing"], ["loss_reason"]]"#),
    ("stagnation.slow_after_days", r#"[{"Proposal": 3}, {"Nothing": 3}, {"Proposal": 0}]"#),
    ("stagnation.stalled_after_days", r#"[{"Proposal": 3}, {"Discovery": 4000000000}]"#),
    ("stagnation.by", r#"[["owner"], [], ["employees"], ["nothing"]]"#),
    ("funnel.current_days", "[1, 30, 0, 4000000000]"),
    ("rules.max_reject_share", "[0, 0.5, 1, -1, 2]"),
    ("rules.severity", r#"[{"bad_date": "warn"}, {"nothing": "warn"}, {"duplicate_id": "error"}]"#),
    ("sources.deals.path", r#"["deals.csv", "*.csv", "-", "models"]"#),
    ("sources.deals.separator", r#"[";", ",", "\t", "ab"]"#),
    ("sources.deals.encoding", r#"["windows-1252", "utf-16le", "shift_jis", "x"]"#),
    ("sources.deals.date_order", r#"["dmy", "mdy", "ymd"]"#),
    ("sources.deals.decimal_mark", r#"[",", "."]"#),
    ("sources.deals.null_values", r#"[["0", "USD"], [""], ["n/a"]]"#),
    ("sources.deals.constants", r#"[{"currency": "EUR"}, {"owner": "x"}, {"deal_id": "1"}]"#),
    ("sources.deals.columns", r#"[{"owner": "source"}, {"amount": "employees"}, {"custom": "lead_score"}]"#),
    ("sources.deals.values", r#"[{"status": {"won": "lost"}}, {"stage": {"Proposal": "Discovery"}}]"#),
    (
        "sources.deals.filters",
        r#"[[{"column": "source", "any_of": ["Web"]}], [{"column": "nothing", "filled": true}]]"#,
    ),
    ("sources.deals.lookups", r#"[[{"path": "users.csv", "left": "owner", "right": "owner", "take": ["team"]}]]"#),
    ("sources.deals.ignore", r#"[["owner"], ["batch_code", "nothing"], ["created_at"]]"#),
    ("sources.quotas.period_from_date", r#"["month", "quarter", "year"]"#),
    ("sources.activities", "[{}, null]"),
];

/// Sets a key of [`SETTINGS`].
fn set(document: &mut Value, random: &mut Random) -> String {
    let (path, values) = *random.pick(&SETTINGS);
    let values: Vec<Value> = serde_json::from_str(values).unwrap();
    let value = if random.percent(25) { nasty::value(random) } else { random.pick(&values).clone() };
    let told = format!("{path} is {:.60}", value.to_string());
    let mut node = document;
    for key in path.split('.') {
        if !node.is_object() {
            return format!("{path} has no place");
        }
        node = &mut node[key];
        if node.is_null() && !path.ends_with(key) {
            *node = Value::Object(serde_json::Map::new());
        }
    }
    *node = value;
    told
}

/// TOML knows no null: what is null is not there.
fn strip_nulls(node: &mut Value) {
    match node {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => {
            items.retain(|value| !value.is_null());
            items.iter_mut().for_each(strip_nulls);
        }
        _ => {}
    }
}

/// A stored model; mostly with the id that belongs to the change, as if another program had made it.
fn model(home: &Path, id: &str, random: &mut Random) -> String {
    let path = home.join(format!("models/{id}.json"));
    let Some(mut document) = fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok()) else {
        return format!("{id}: cannot be read any more");
    };
    let part = *random.pick(&["", "win", "spec", "period", "training", "evaluation", "grade_cuts", "horizon_days"]);
    let told = match document.get_mut(part) {
        Some(part) => tree::change(part, random),
        None => tree::change(&mut document, random),
    };
    if random.percent(80) && document["as_of"].is_string() && document.get("model_id").is_some() {
        let sealed = seal(&mut document);
        fs::write(home.join(format!("models/{sealed}.json")), document.to_string()).unwrap();
        fs::write(home.join("models/current"), format!("{sealed}\n")).unwrap();
        return format!("models/{sealed}.json: {part}{told}, sealed and in use");
    }
    fs::write(path, document.to_string()).unwrap();
    format!("models/{id}.json: {part}{told}")
}

/// Gives a stored model the id of its content: what stands before the hash is the day.
pub fn seal(document: &mut Value) -> String {
    document["model_id"] = Value::String(String::new());
    let hash = blake3::hash(document.to_string().as_bytes()).to_hex();
    let day = document["as_of"].as_str().unwrap_or_default().replace(['/', '\0'], "_");
    let id = format!("{day:.40}-{}", &hash[..8]);
    document["model_id"] = Value::String(id.clone());
    id
}
