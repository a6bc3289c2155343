//! A random world: size, calendar, currencies, tables that are not there, the day it is looked at. All from its number.

use std::fs;
use std::path::Path;

use dealcast::config::Config;
use dealcast::domain::day::Day;
use dealcast::domain::progress::NoProgress;
use dealcast::run::inputs::Inputs;
use dealcast::simulate::{WorldConfig, simulate};

use crate::spoil::{negative, numbered_months, quickened, replaced, without};

/// Random numbers by Vigna's splitmix64.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn among<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// Fiscal calendars, as `[calendar]` has them.
const CALENDARS: [&str; 8] = [
    "",
    "fiscal_year_start = 4\n",
    "fiscal_year_start = 12\nfiscal_year_name = \"start\"\n",
    "fiscal_year_start = 2\nweeks = \"4-4-5\"\n",
    "fiscal_year_start = 7\nweeks = \"5-4-4\"\nweek_starts = \"monday\"\nyear_ends = \"nearest\"\n",
    "periods = [\"month\", \"quarter\", \"half\", \"year\"]\n",
    "fiscal_year_start = 10\nperiods = [\"half\"]\n",
    "weeks = \"4-5-4\"\nperiods = [\"month\", \"half\", \"year\"]\n",
];

/// Tables a run can go without, with the chance of each.
const OPTIONAL: [&str; 8] =
    ["stage_history", "activities", "leads", "touches", "quotas", "users", "fx_rates", "campaign_costs"];

/// Tables whose days are brought nearer where cycles take days, with the columns.
const DATED: [(&str, &[&str]); 5] = [
    ("deals.csv", &["created_at", "closed_at", "expected_close_date"]),
    ("stage_history.csv", &["changed_at", "expected_close_date"]),
    ("activities.csv", &["occurred_at"]),
    ("leads.csv", &["created_at", "converted_at", "closed_at"]),
    ("touches.csv", &["touched_at"]),
];

/// One world.
#[derive(Clone, Debug)]
pub struct RandomWorld {
    simulated: WorldConfig,
    as_of: Option<Day>,
    calendar: &'static str,
    table: bool,
    score_period: &'static str,
    absent: Vec<&'static str>,
    negative_amounts: bool,
    undated: bool,
    quotas: &'static str,
    by: Vec<&'static str>,
    /// Times as fast as others: short cycles, a short history, weekly questions.
    quick: Option<i32>,
    draw: Draw,
}

impl RandomWorld {
    /// The world of a number.
    pub fn of(number: u64) -> Self {
        let mut draw = Draw(number.wrapping_mul(7_919));
        let as_of: Day = "2026-02-14".parse().expect("a day");
        let deals = [20, 40, 80, 150, 300, 600][draw.below(6) as usize];
        let days = if draw.one_in(4) { 90 + draw.below(60) } else { 400 + draw.below(900) } as i32;
        let simulated = WorldConfig {
            deals: deals + draw.below(20),
            seed: draw.below(1_000_000),
            first_day: as_of.plus(-days),
            as_of,
            owners: [None, Some(1), Some(3), Some(40), Some(100)][draw.below(5) as usize],
            multi_currency: !draw.one_in(3),
            signal: draw.among(&[0.0, 0.5, 1.0]),
            missing: draw.among(&[0.0, 0.05, 0.35, 0.5]),
            activity: draw.among(&[0.0, 0.3, 1.0, 7.9]),
            rush: draw.among(&[1.0, 4.0, 10.0]),
            reopen: draw.among(&[0.0, 0.05, 0.5]),
            ..WorldConfig::default()
        };
        let earlier = as_of.plus(-(1 + draw.below(days as u64 - 1) as i32));
        let days_to_look_from =
            [None, None, Some(earlier), Some(as_of), Some("2026-01-01".parse().expect("a day")), Some(as_of.plus(40))];
        Self {
            simulated,
            as_of: draw.among(&days_to_look_from),
            calendar: draw.among(&CALENDARS),
            table: draw.one_in(8),
            score_period: draw.among(&["month", "quarter", "half", "year"]),
            absent: OPTIONAL.into_iter().filter(|_| draw.one_in(5)).collect(),
            negative_amounts: draw.one_in(4),
            undated: draw.one_in(4),
            quotas: draw.among(&["", "", "", "zero", "negative"]),
            by: [vec![], vec!["product"], vec!["segment", "team"]][draw.below(3) as usize].clone(),
            quick: [None, None, Some(4), None, None, Some(12)][(number % 6) as usize],
            draw,
        }
    }

    /// Columns to split by.
    pub fn by(&self) -> Vec<String> {
        self.by.iter().map(|column| (*column).to_owned()).collect()
    }

    /// Writes the export into `folder`, and says how it is to be read.
    pub fn make(&self, folder: &Path) -> Inputs {
        simulate(&self.simulated, folder, &NoProgress).expect("a world");
        let mut draw = self.draw.clone();
        if let Some(times) = self.quick {
            let last = self.simulated.as_of;
            DATED.iter().for_each(|(file, columns)| quickened(folder, file, columns, last, times));
        }
        if self.negative_amounts {
            negative(folder, "deals.csv", "amount", &mut draw, 9);
            negative(folder, "stage_history.csv", "amount", &mut draw, 9);
        }
        if self.undated {
            replaced(folder, "deals.csv", "closed_at", "", &mut draw, 3);
        }
        match self.quotas {
            "zero" => replaced(folder, "quotas.csv", "quota", "0", &mut draw, 3),
            "negative" => negative(folder, "quotas.csv", "quota", &mut draw, 3),
            _ => {}
        }
        if self.table || self.calendar.contains("weeks") {
            // Months of such calendars have a number, not a name.
            ["quotas.csv", "campaign_costs.csv"].iter().for_each(|file| numbered_months(folder, file));
        }
        if draw.one_in(3) {
            without(folder, "fx_rates.csv", "currency", "EUR");
        }
        let text = fs::read_to_string(folder.join("dealcast.toml")).expect("its configuration");
        let mut config = Config::parse(&self.settings(&text), "dealcast.toml").expect("a configuration");
        for table in
            dealcast::domain::inputs::InputTable::ALL.iter().filter(|table| self.absent.contains(&table.name()))
        {
            config.sources.remove(*table);
        }
        Inputs { config, base: folder.to_owned(), file: None, as_of: self.as_of }
    }

    /// The configuration with the calendar of this world.
    fn settings(&self, text: &str) -> String {
        let mut calendar = format!("score_period = \"{}\"\n", self.score_period);
        if self.table {
            calendar.push_str(&table());
        } else {
            calendar.push_str(self.calendar);
        }
        let weekly = if self.quick.is_some() { "\n[training]\nlandmarks = \"weekly\"\n" } else { "" };
        let text = format!("{text}{weekly}");
        let usual = "fiscal_year_start = 1\nscore_period = \"quarter\"\n";
        assert!(text.contains(usual), "{text}");
        // A table of years stands below the plain keys of its section, so it goes to the end of it.
        text.replace(usual, &calendar)
    }
}

/// Fiscal years that begin on the third of each month.
fn table() -> String {
    let year = |year: i32| {
        let months: Vec<String> = (1..=12).map(|month| format!("\"{year}-{month:02}-03\"")).collect();
        let last = if year == 2028 { "last = \"2029-01-02\"\n" } else { "" };
        format!("\n[[calendar.table]]\nyear = {year}\nmonths = [{}]\n{last}", months.join(", "))
    };
    (2018..=2028).map(year).collect()
}
