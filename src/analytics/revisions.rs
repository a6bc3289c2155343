//! What was submitted and adjusted by hand, beside what came, and who was right before.
//!
//! The revisions table to [`Revisions`]. A revision by its owner is a submission, one by somebody else (a manager, say) an
//! adjustment; the newest of each before the as-of day holds. Where one author revised several categories of a period,
//! the one named first in [`CATEGORIES`] holds, else the newest. Amounts count at the rate of the day they were
//! submitted on.

use std::collections::BTreeMap;

use super::currency::{CurrencyConverter, CurrencyError};
use super::structure::{Level, Structure};
use crate::domain::day::{Day, Moment};
use crate::domain::period::Period;
use crate::ingest::tables::{Revision, Tables};

/// Categories that mean the whole forecast, the most telling first.
pub const CATEGORIES: [&str; 3] = ["forecast", "commit", "best case"];

/// One revision, with what came.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionLine {
    /// When.
    pub submitted_at: Moment,
    /// By whom.
    pub author: String,
    /// For whom.
    pub owner: String,
    /// For which period.
    pub period: Period,
    /// Category as written.
    pub category: String,
    /// Whether somebody other than the owner made it.
    pub is_adjustment: bool,
    /// As written, minor units of its currency.
    pub amount_minor: i64,
    /// Code of its currency.
    pub currency: u32,
    /// In the base currency; none without rates.
    pub base_minor: Option<i64>,
    /// Free text.
    pub note: Option<String>,
    /// What the owner won in the period, base currency, once it is over.
    pub actual_minor: Option<i64>,
}

/// How right an author was, over the last revision before the end of each period that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Record {
    /// Periods and owners judged.
    pub cases: u32,
    /// Sum of (revision - won) / sum of what was won.
    pub bias: Option<f64>,
    /// Sum of absolute errors / sum of what was won.
    pub wape: Option<f64>,
}

/// What holds for a node in a period, minor units of the base currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// By the owners themselves.
    pub submitted: Option<i64>,
    /// After adjustments: the adjusted amount of each owner, else the submitted one.
    pub adjusted: Option<i64>,
}

/// All revisions made before a day, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Revisions {
    /// The lines.
    pub lines: Vec<RevisionLine>,
}

impl Revisions {
    /// The revisions of `tables` made before `as_of`. Without a converter nothing has a value in the base currency.
    ///
    /// # Errors
    /// [`CurrencyError`] where rates exist but one is missing.
    pub fn new(
        tables: &Tables,
        structure: &Structure<'_>,
        converter: Option<&CurrencyConverter>,
        as_of: Day,
    ) -> Result<Self, CurrencyError> {
        let mut lines = Vec::new();
        for revision in tables.revisions.iter().filter(|revision| revision.submitted_at < as_of.start()) {
            let day = revision.submitted_at.day();
            let base = converter.map(|c| c.convert(revision.amount_minor, revision.currency, day)).transpose()?;
            let by_name = structure.name_of(&revision.owner) == Some(revision.author.as_str());
            lines.push(line_of(revision, revision.author != revision.owner && !by_name, base));
        }
        lines.sort_by_key(|line| line.submitted_at);
        Ok(Self { lines })
    }

    /// Adds what was won, by owner and period, where the period is over.
    pub fn fill_actuals(&mut self, won: &BTreeMap<(String, Day, Day), i64>, as_of: Day) {
        for line in self.lines.iter_mut().filter(|line| line.period.last < as_of) {
            let key = (line.owner.clone(), line.period.first, line.period.last);
            line.actual_minor = Some(won.get(&key).copied().unwrap_or(0));
        }
    }

    /// What holds for every owner and period.
    fn by_owner(&self) -> BTreeMap<(&str, Period), Held> {
        // (rank of the category, time): the best rank holds, then the newest.
        let rank = |line: &RevisionLine| {
            let place = CATEGORIES.iter().position(|name| line.category.eq_ignore_ascii_case(name));
            place.unwrap_or(CATEGORIES.len())
        };
        let mut best: BTreeMap<(&str, Period, bool), (usize, i64)> = BTreeMap::new();
        for line in &self.lines {
            let Some(base) = line.base_minor else { continue };
            let key = (line.owner.as_str(), line.period, line.is_adjustment);
            let better = best.get(&key).is_none_or(|(before, _)| rank(line) <= *before);
            if better {
                best.insert(key, (rank(line), base));
            }
        }
        let mut held: BTreeMap<(&str, Period), Held> = BTreeMap::new();
        for ((owner, period, is_adjustment), (_, base)) in best {
            let of = held.entry((owner, period)).or_default();
            *(if is_adjustment { &mut of.adjusted } else { &mut of.submitted }) = Some(base);
        }
        held.values_mut().for_each(|held| held.adjusted = held.adjusted.or(held.submitted));
        held
    }

    /// What holds for every node and period: sums over the owners who stood there on the period's last day, or the last
    /// known one.
    #[must_use]
    pub fn by_node(&self, structure: &Structure<'_>, as_of: Day) -> BTreeMap<(Level, String, Period), Held> {
        let mut sums: BTreeMap<(Level, String, Period), Held> = BTreeMap::new();
        for ((owner, period), held) in self.by_owner() {
            let day = period.last.min(as_of.plus(-1));
            let place = structure.place_of(Some(owner), day);
            for level in Level::ALL {
                for node in place.nodes(level) {
                    let sum = sums.entry((level, (*node).to_owned(), period)).or_default();
                    let add = |to: &mut Option<i64>, part: Option<i64>| {
                        if let Some(part) = part {
                            *to = Some(to.unwrap_or(0).saturating_add(part));
                        }
                    };
                    add(&mut sum.submitted, held.submitted);
                    add(&mut sum.adjusted, held.adjusted);
                }
            }
        }
        sums
    }

    /// Every author's record.
    #[must_use]
    pub fn records(&self) -> BTreeMap<&str, Record> {
        let mut last: BTreeMap<(&str, &str, Period, &str), (i64, i64)> = BTreeMap::new();
        for line in &self.lines {
            let in_time = line.submitted_at < line.period.last.plus(1).start();
            if let (true, Some(base), Some(actual)) = (in_time, line.base_minor, line.actual_minor) {
                last.insert((&line.author, &line.owner, line.period, &line.category), (base, actual));
            }
        }
        let mut sums: BTreeMap<&str, (u32, i128, i128, i128)> = BTreeMap::new();
        for ((author, ..), (base, actual)) in last {
            let sum = sums.entry(author).or_default();
            let error = i128::from(base) - i128::from(actual);
            *sum = (sum.0 + 1, sum.1 + error, sum.2 + error.abs(), sum.3 + i128::from(actual));
        }
        let record = |(author, (cases, bias, wape, won)): (_, (u32, i128, i128, i128))| {
            let share = |sum: i128| (won > 0).then(|| sum as f64 / won as f64);
            (author, Record { cases, bias: share(bias), wape: share(wape) })
        };
        sums.into_iter().map(record).collect()
    }
}

fn line_of(revision: &Revision, is_adjustment: bool, base_minor: Option<i64>) -> RevisionLine {
    RevisionLine {
        submitted_at: revision.submitted_at,
        author: revision.author.clone(),
        owner: revision.owner.clone(),
        period: revision.period,
        category: revision.category.clone(),
        is_adjustment,
        amount_minor: revision.amount_minor,
        currency: revision.currency,
        base_minor,
        note: revision.note.clone(),
        actual_minor: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Dictionary;
    use crate::domain::period::{FiscalCalendar, PeriodKind};
    use crate::ingest::tables::User;

    const AS_OF: Day = Day(20_498);

    fn quarter(back: i32) -> Period {
        let calendar = FiscalCalendar::default();
        calendar.shift(&calendar.period_of(PeriodKind::Quarter, AS_OF), -back)
    }

    fn revision(day: i32, author: &str, owner: &str, period: Period, category: &str, amount: i64) -> Revision {
        Revision {
            submitted_at: Day(AS_OF.0 + day).start(),
            author: author.to_owned(),
            owner: owner.to_owned(),
            period,
            category: category.to_owned(),
            amount_minor: amount,
            currency: 0,
            note: None,
        }
    }

    #[test]
    fn the_newest_of_each_holds_and_owners_add_up() {
        let user = |owner: &str| User {
            owner: owner.to_owned(),
            name: Some(format!("{owner} by name")),
            manager: Some("boss".to_owned()),
            team: Some("North".to_owned()),
            region: None,
            active_from: None,
            active_to: None,
        };
        let (running, last) = (quarter(0), quarter(1));
        let mut tables = Tables::default();
        tables.currency("USD");
        tables.users = vec![user("ann"), user("bob")];
        tables.revisions = vec![
            revision(-20, "ann", "ann", running, "forecast", 100),
            revision(-10, "ann by name", "ann", running, "Forecast", 120),
            revision(-5, "ann", "ann", running, "best case", 900),
            revision(-4, "boss", "ann", running, "forecast", 90),
            revision(-3, "bob", "bob", running, "commit", 50),
            revision(0, "bob", "bob", running, "commit", 70),
            revision(-90, "ann", "ann", last, "forecast", 130),
            revision(-91, "boss", "ann", last, "forecast", 100),
        ];
        let owners = Dictionary::default();
        let structure = Structure::new(&tables.users, &owners, AS_OF);
        let converter = CurrencyConverter::new(&tables, "USD", AS_OF);
        let mut revisions = Revisions::new(&tables, &structure, Some(&converter), AS_OF).expect("no rates needed");
        assert_eq!(revisions.lines.len(), 7, "the last one is of the as-of day");
        let held = revisions.by_node(&structure, AS_OF);
        let of = |level, node: &str| held[&(level, node.to_owned(), running)];
        assert_eq!(of(Level::Owner, "ann"), Held { submitted: Some(120), adjusted: Some(90) });
        assert_eq!(of(Level::Owner, "bob"), Held { submitted: Some(50), adjusted: Some(50) });
        for (level, node) in [(Level::Team, "North"), (Level::Manager, "boss"), (Level::Company, "company")] {
            assert_eq!(of(level, node), Held { submitted: Some(170), adjusted: Some(140) }, "{node}");
        }
        revisions.fill_actuals(&BTreeMap::from([(("ann".to_owned(), last.first, last.last), 100)]), AS_OF);
        let records = revisions.records();
        assert_eq!(records["ann"], Record { cases: 1, bias: Some(0.3), wape: Some(0.3) });
        assert_eq!(records["boss"], Record { cases: 1, bias: Some(0.0), wape: Some(0.0) });
        assert!(!records.contains_key("bob"), "nothing of bob's is over");
    }
}
