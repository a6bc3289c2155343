//! Bytes of good files, spoilt, to everything that reads bytes: tables of every format, cells, configurations, models. Nothing
//! may panic, and nothing may take long.
//!
//! The suite does so for a few seconds; for a long run:
//!
//! ```text
//! DEALCAST_FUZZ_SECONDS=60 DEALCAST_FUZZ_SEED=1 cargo test --release --test fuzz parsers -- --nocapture
//! ```
//!
//! What the good files are stands in `tests/fuzz/corpus`, a folder per reader. A fault prints its reader and its seed; the same
//! seed plays it again.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dealcast::config::Config;
use dealcast::domain::progress::NoProgress;
use dealcast::ingest::{READER_THREAD, load};
use dealcast::model::WinModel;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::bytes;
use crate::nasty;
use crate::random::Random;
use crate::setting;

/// Seconds of the suite.
const SHORT: u64 = 4;
/// No case takes longer.
const LONGEST: Duration = Duration::from_secs(10);

const LOOSE: &str = "[rules]\nmax_reject_share = 1.0\n[rules.severity]\nambiguous_date = \"warn\"\n\
                     ambiguous_amount = \"warn\"\n";
const DEALS: &str = "deal_id,stage,created_at,amount,owner,status\nD1,Proposal,2025-01-02,5,ann,open\n\
                     D2,Won,2025-01-03,6,bob,won\n";

/// Something that reads bytes.
struct Reader {
    name: &'static str,
    /// The folder of its good files.
    corpus: &'static str,
    read: fn(&Path, &[u8]),
}

const READERS: [Reader; 9] = [
    Reader { name: "deals", corpus: "csv", read: |folder, bytes| table(folder, "deals.csv", bytes, "") },
    Reader { name: "history", corpus: "history", read: |folder, bytes| beside_deals(folder, "stage_history", bytes) },
    Reader { name: "mapping", corpus: "config", read: mapping },
    Reader { name: "configuration", corpus: "config", read: |_, bytes| drop(configuration(bytes)) },
    Reader { name: "dates", corpus: "cells", read: |folder, bytes| cells(folder, "created_at", bytes) },
    Reader { name: "money", corpus: "cells", read: |folder, bytes| cells(folder, "amount", bytes) },
    Reader { name: "parquet", corpus: "parquet", read: |folder, bytes| table(folder, "deals.parquet", bytes, "") },
    Reader { name: "workbook", corpus: "workbook", read: |folder, bytes| table(folder, "deals.xlsx", bytes, "") },
    Reader { name: "model", corpus: "", read: |_, bytes| drop(WinModel::from_json(&text(bytes), "model.json")) },
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn configuration(bytes: &[u8]) -> Option<Config> {
    Config::parse(&text(bytes), "dealcast.toml").ok()
}

fn table(folder: &Path, name: &str, bytes: &[u8], more: &str) {
    fs::write(folder.join(name), bytes).unwrap();
    let config = Config::parse(&format!("{LOOSE}[sources.deals]\npath = {name:?}\n{more}"), "dealcast.toml").unwrap();
    let _ = load(&config, folder, &NoProgress);
}

fn beside_deals(folder: &Path, of: &str, bytes: &[u8]) {
    fs::write(folder.join(format!("{of}.csv")), bytes).unwrap();
    table(folder, "deals.csv", DEALS.as_bytes(), &format!("[sources.{of}]\npath = \"{of}.csv\"\n"));
}

fn mapping(folder: &Path, bytes: &[u8]) {
    let Some(mut config) = configuration(bytes) else { return };
    fs::write(folder.join("deals.csv"), DEALS).unwrap();
    fs::write(folder.join("stage_history.csv"), "deal_id,changed_at,stage\nD1,2025-01-05,Proposal\n").unwrap();
    fs::write(folder.join("users.csv"), "owner,team\nann,North\n").unwrap();
    fs::write(folder.join("quotas.csv"), "owner,period,quota\nann,2025-02-01,5\n").unwrap();
    // Whatever the damage names, nothing else on the machine is read.
    for table in dealcast::domain::inputs::InputTable::ALL {
        if config.sources.has(*table) {
            config.sources.get_or_default(*table).path = format!("{table}.csv");
        }
    }
    let _ = load(&config, folder, &NoProgress);
}

/// Every line is a cell of a column.
fn cells(folder: &Path, column: &str, bytes: &[u8]) {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = if column == "amount" { ["deal_id", "stage", "amount"] } else { ["deal_id", "stage", "created_at"] };
    writer.write_record(header).unwrap();
    for (number, cell) in bytes.split(|byte| *byte == b'\n').enumerate() {
        writer.write_record([format!("D{number}").as_bytes(), b"Open", cell]).unwrap();
    }
    table(folder, "deals.csv", &writer.into_inner().unwrap(), "");
}

fn seeds(corpus: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = if corpus.is_empty() { root.join("models") } else { root.join("tests/fuzz/corpus").join(corpus) };
    let is_card = |path: &PathBuf| path.to_string_lossy().ends_with(".card.json");
    let wanted = |path: &PathBuf| !corpus.is_empty() || path.extension().is_some_and(|end| end == "json");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file() && wanted(path) && !is_card(path));
    files.sort();
    assert!(!files.is_empty(), "no good file in {}", folder.display());
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A good file with up to eight changes; of a packed one mostly inside a part.
fn spoilt(seed: &[u8], random: &mut Random) -> Vec<u8> {
    if seed.starts_with(b"PK") && random.percent(70) {
        return spoilt_part(seed, random);
    }
    let mut changed = seed.to_vec();
    for _ in 0..random.below(8) {
        bytes::change(&mut changed, random);
        if random.percent(10) {
            let at = random.below(changed.len() + 1);
            changed.splice(at..at, nasty::cell(random));
        }
    }
    changed
}

fn spoilt_part(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(seed)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let wanted = random.below(archive.len());
    for at in 0..archive.len() {
        let mut content = Vec::new();
        let mut part = archive.by_index(at).unwrap();
        part.read_to_end(&mut content).unwrap();
        if at == wanted {
            (0..random.below(4) + 1).for_each(|_| drop(bytes::change(&mut content, random)));
        }
        writer.start_file(part.name().to_owned(), SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Gives the case of `seed` to its reader; what went wrong.
fn play(seed: u64, folder: &Path, corpora: &[Vec<Vec<u8>>]) -> Option<String> {
    let mut random = Random::new(seed);
    let at = random.below(READERS.len());
    let reader = &READERS[at];
    let good: &Vec<u8> = random.pick(&corpora[at]);
    let bytes = spoilt(good, &mut random);
    let begin = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| (reader.read)(folder, &bytes)));
    let fault = match ended {
        Err(_) => "panics".to_owned(),
        Ok(()) if begin.elapsed() > LONGEST => format!("takes {:?}", begin.elapsed()),
        Ok(()) => return None,
    };
    let kept = std::env::temp_dir().join(format!("dealcast-fuzz-{}-{seed}", reader.name));
    fs::write(&kept, &bytes).unwrap();
    Some(format!("{}: {fault} at DEALCAST_FUZZ_SEED={seed}, its bytes are in {}", reader.name, kept.display()))
}

#[test]
fn parsers() {
    let usual = std::panic::take_hook();
    // A decoder's panic on a damaged file is told as an error of the file.
    std::panic::set_hook(Box::new(move |fault| {
        if std::thread::current().name() != Some(READER_THREAD) {
            usual(fault);
        }
    }));
    let corpora: Vec<Vec<Vec<u8>>> = READERS.iter().map(|reader| seeds(reader.corpus)).collect();
    let folder = tempfile::tempdir().unwrap();
    let limit = Duration::from_secs(setting("DEALCAST_FUZZ_SECONDS").unwrap_or(SHORT));
    let first = setting("DEALCAST_FUZZ_SEED").unwrap_or(1);
    let (begin, mut played, mut found) = (Instant::now(), 0, Vec::new());
    while begin.elapsed() < limit && found.len() < 10 {
        found.extend(play(first + played, folder.path(), &corpora));
        played += 1;
    }
    eprintln!("{played} cases");
    assert!(found.is_empty(), "{found:#?}");
}
