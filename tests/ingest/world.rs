//! A folder of input files and what loading it gives.

use std::path::Path;

use dealcast::config::Config;
use dealcast::domain::day::Moment;
use dealcast::domain::inputs::InputTable;
use dealcast::domain::maybe::Maybe;
use dealcast::domain::progress::NoProgress;
use dealcast::ingest::tables::Attribute;
use dealcast::ingest::{IngestError, Loaded, load};

/// A temporary folder of tables and the configuration to load them with.
pub struct World {
    folder: tempfile::TempDir,
    /// May be changed before loading.
    pub config: Config,
}

impl World {
    /// A folder without files.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), config: Config::default() }
    }

    /// A deals table with these bytes.
    pub fn deals(bytes: impl AsRef<[u8]>) -> Self {
        Self::empty().with("deals.csv", bytes)
    }

    /// Adds a file; one named after a table becomes its source.
    pub fn with(mut self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path().join(name), bytes).expect("written");
        if let Some(table) = name.split('.').next().and_then(InputTable::from_name) {
            self.config.sources.get_or_default(table).path = name.to_owned();
        }
        self
    }

    /// Sets the rest of the configuration, in TOML, keeping the sources' paths.
    pub fn configured(mut self, toml: &str) -> Self {
        let mut config = Config::parse(toml, "dealcast.toml").expect("a configuration");
        for table in [InputTable::Deals, InputTable::StageHistory, InputTable::Quotas] {
            if let Some(ours) = self.config.sources.get(table) {
                config.sources.get_or_default(table).path.clone_from(&ours.path);
            }
        }
        self.config = config;
        self
    }

    /// Where the files are.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Loads everything and checks the row balance on the way.
    pub fn load(&self) -> Result<Loaded, IngestError> {
        let loaded = load(&self.config, self.path(), &NoProgress)?;
        assert_balance(&loaded);
        Ok(loaded)
    }

    /// Loads what must load.
    pub fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The message and hint of what must not load.
    pub fn fault(&self) -> (String, String) {
        let error = self.load().expect_err("must not load");
        (error.to_string(), error.hint().unwrap_or_default())
    }
}

/// Rows in = used + rejected, per file and in the reject log.
pub fn assert_balance(loaded: &Loaded) {
    let mut rejected = 0;
    for input in &loaded.inputs {
        assert_eq!(input.rows, input.used + input.rejected, "{}", input.path);
        rejected += input.rejected;
    }
    assert_eq!(loaded.issues.rejects(), rejected);
    assert_eq!(rejects(loaded).len() as u64, rejected);
}

/// The lines of `rejects.csv`: line, column, value, rule.
pub fn rejects(loaded: &Loaded) -> Vec<(u64, String, String, String)> {
    let mut bytes = Vec::new();
    loaded.issues.write_rejects(&mut bytes).expect("written");
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    assert_eq!(reader.headers().expect("a header"), vec!["file", "line", "column", "value", "reason", "rule"]);
    let row = |r: csv::StringRecord| (r[1].parse().expect("a line"), r[2].to_owned(), r[3].to_owned(), r[5].to_owned());
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

/// A column of moments as text, empty where there is none.
pub fn moments(loaded: &Loaded, column: &str) -> Vec<String> {
    let text = |at: Option<Moment>| {
        let Some(Moment(micros)) = at else { return String::new() };
        let at = jiff::Timestamp::from_microsecond(micros).expect("in range").to_zoned(jiff::tz::TimeZone::UTC);
        at.strftime("%F %T").to_string()
    };
    let deals = &loaded.tables.deals;
    match column {
        "created_at" => deals.created_at().into_iter().map(|at| text(Some(at))).collect(),
        "closed_at" => deals.closed_at().into_iter().map(|at| text(at.get())).collect(),
        _ => panic!("no column of moments: {column}"),
    }
}

/// A moment of the given ISO time.
pub fn moment(text: &str) -> Moment {
    let at: jiff::civil::DateTime = text.parse().expect("a time");
    Moment(at.to_zoned(jiff::tz::TimeZone::UTC).expect("in range").timestamp().as_microsecond())
}

/// Names behind a column of words, empty where there is none.
pub fn names(loaded: &Loaded, column: &str) -> Vec<String> {
    let (tables, deals) = (&loaded.tables, &loaded.tables.deals);
    let named: Vec<Option<&str>> = match column {
        "stage" => deals.stages().into_iter().map(|stage| tables.stage_names.name(stage)).collect(),
        "owner" => deals.owners().into_iter().map(|owner| tables.owners.name(owner)).collect(),
        "currency" => deals.currencies().into_iter().map(|currency| tables.currencies.name(currency)).collect(),
        _ => match deals.attribute(column) {
            Some(Attribute::Words(words)) => deals.rows().map(|row| words.name(row)).collect(),
            other => panic!("no column of words: {column} is {other:?}"),
        },
    };
    named.into_iter().map(|name| name.unwrap_or_default().to_owned()).collect()
}

/// Amounts of the deals in minor units.
pub fn amounts_minor(loaded: &Loaded) -> Vec<Option<i64>> {
    loaded.tables.deals.amounts_minor().into_iter().map(Maybe::get).collect()
}

/// The CRM's own chances of the deals.
pub fn probabilities(loaded: &Loaded) -> Vec<Option<f64>> {
    loaded.tables.deals.probabilities().into_iter().map(Maybe::get).collect()
}
