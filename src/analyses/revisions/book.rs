//! Revisions and actuals to what holds for every node and period, and to every author's record.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::revisions::rows::{AuthorRecord, HeldForecast, RevisionLine};
use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::hierarchy::{Hierarchy, Level, Node};
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::Period;
use crate::ingest::tables::{QuotaNode, Revision, Tables};

/// All revisions made before a day, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Revisions {
    /// The lines.
    pub lines: Vec<RevisionLine>,
}

impl Revisions {
    /// The revisions of `tables` that `admits`, made before `as_of`. Without a converter nothing has a value in the base
    /// currency.
    ///
    /// # Errors
    /// [`CurrencyError`] where a converted amount is too large.
    pub fn new<'a>(
        tables: &'a Tables,
        hierarchy: &Hierarchy<'a>,
        converter: Option<&CurrencyConverter>,
        as_of: Day,
        admits: impl Fn(&'a Revision) -> bool,
    ) -> Result<Self, CurrencyError> {
        let mut lines = Vec::new();
        let known = tables.revisions.iter().filter(|revision| revision.submitted_at < as_of.start());
        for revision in known.filter(|revision| admits(revision)) {
            let day = revision.submitted_at.day();
            let in_base = |c: &CurrencyConverter| c.convert_if_known(revision.amount_minor, revision.currency, day);
            let base = converter.map(in_base).transpose()?.flatten();
            let by_name = hierarchy.name_of(&revision.owner) == Some(revision.author.as_str());
            lines.push(line_of(revision, revision.author != revision.owner && !by_name, base));
        }
        lines.sort_by_key(|line| line.submitted_at);
        Ok(Self { lines })
    }

    /// How many have no exchange rate, by currency; nothing has to be converted without base rows.
    #[must_use]
    pub fn without_rate(&self, has_base: bool) -> BTreeMap<CurrencyId, u64> {
        let mut counts = BTreeMap::new();
        for line in self.lines.iter().filter(|line| has_base && line.base_minor.is_none()) {
            *counts.entry(line.currency).or_default() += 1;
        }
        counts
    }

    /// Adds what was won where the period is over. `won` names every deal won: by whom, when, and its amount in minor
    /// units of the base currency.
    pub fn fill_actuals<'w>(&mut self, won: impl Iterator<Item = (&'w str, Day, i64)>, as_of: Day) {
        let mut of_owner: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, line) in self.lines.iter_mut().enumerate().filter(|(_, line)| line.period.last < as_of) {
            line.actual_minor = Some(0);
            of_owner.entry(line.owner.clone()).or_default().push(i);
        }
        for (owner, day, minor) in won {
            for &i in of_owner.get(owner).into_iter().flatten() {
                let line = &mut self.lines[i];
                if line.period.contains(day) {
                    line.actual_minor = line.actual_minor.map(|sum| sum.saturating_add(minor));
                }
            }
        }
    }

    /// Owners nobody else names: no deal, user or quota of `tables`. Misspelt, most likely.
    #[must_use]
    pub fn unknown_owners(&self, tables: &Tables) -> BTreeSet<&str> {
        let users = tables.users.iter().map(|user| user.owner.as_str());
        let quotas = tables.quotas.iter().filter_map(|quota| match &quota.node {
            QuotaNode::Owner(owner) => Some(owner.as_str()),
            _ => None,
        });
        let known: BTreeSet<&str> = tables.owners.names().chain(users).chain(quotas).collect();
        self.lines.iter().map(|line| line.owner.as_str()).filter(|owner| !known.contains(owner)).collect()
    }

    /// What holds for every owner and period.
    fn by_owner(&self) -> BTreeMap<(&str, Period), HeldForecast> {
        let mut best: BTreeMap<(&str, Period, bool), (usize, i64)> = BTreeMap::new();
        for line in &self.lines {
            let Some(base) = line.base_minor else { continue };
            let key = (line.owner.as_str(), line.period, line.is_adjustment);
            let better = best.get(&key).is_none_or(|(before, _)| line.rank() <= *before);
            if better {
                best.insert(key, (line.rank(), base));
            }
        }
        let mut held: BTreeMap<(&str, Period), HeldForecast> = BTreeMap::new();
        for ((owner, period, is_adjustment), (_, base)) in best {
            let of = held.entry((owner, period)).or_default();
            *(if is_adjustment { &mut of.adjusted } else { &mut of.submitted }) = Some(base);
        }
        held.values_mut().for_each(|held| held.adjusted = held.adjusted.or(held.submitted));
        held
    }

    /// What holds for every node and period: sums over the owners who stood there on the period's last day, or the last
    /// known one. `tables` are those the revisions are from.
    #[must_use]
    pub fn by_node<'a>(
        &self,
        tables: &'a Tables,
        hierarchy: &Hierarchy<'a>,
        as_of: Day,
    ) -> BTreeMap<(Node<'a>, Period), HeldForecast> {
        let names: BTreeSet<&'a str> = tables.revisions.iter().map(|revision| revision.owner.as_str()).collect();
        let mut sums: BTreeMap<(Node<'a>, Period), HeldForecast> = BTreeMap::new();
        for ((owner, period), held) in self.by_owner() {
            let position = hierarchy.position_of(names.get(owner).copied(), period.last.min(as_of.plus(-1)));
            for level in Level::ALL {
                for node in position.nodes(level) {
                    let sum = sums.entry(((level, node), period)).or_default();
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
    pub fn records(&self) -> BTreeMap<&str, AuthorRecord> {
        let mut held: BTreeMap<(&str, &str, Period), (usize, i64, i64)> = BTreeMap::new();
        for line in &self.lines {
            let in_time = line.submitted_at < line.period.last.plus(1).start();
            if let (true, Some(base), Some(actual)) = (in_time, line.base_minor, line.actual_minor) {
                let key = (line.author.as_str(), line.owner.as_str(), line.period);
                if held.get(&key).is_none_or(|(before, ..)| line.rank() <= *before) {
                    held.insert(key, (line.rank(), base, actual));
                }
            }
        }
        let mut sums: BTreeMap<&str, (u32, i128, i128, i128)> = BTreeMap::new();
        for ((author, ..), (_, base, actual)) in held {
            let sum = sums.entry(author).or_default();
            let error = i128::from(base) - i128::from(actual);
            *sum = (sum.0 + 1, sum.1 + error, sum.2 + error.abs(), sum.3 + i128::from(actual));
        }
        let record = |(author, (cases, bias, wape, won)): (_, (u32, i128, i128, i128))| {
            let share = |sum: i128| (won > 0).then(|| sum as f64 / won as f64);
            (author, AuthorRecord { cases, bias: share(bias), wape: share(wape) })
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
            currency: CurrencyId::at(0),
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
            revision(-89, "ann", "ann", last, "best case", 999),
        ];
        let owners = Dictionary::default();
        let hierarchy = Hierarchy::new(&tables.users, &owners, AS_OF);
        let converter = CurrencyConverter::new(&tables, "USD", AS_OF);
        let mut revisions =
            Revisions::new(&tables, &hierarchy, Some(&converter), AS_OF, |_| true).expect("no rates needed");
        assert_eq!(revisions.lines.len(), 8, "the last one is of the as-of day");
        let held = revisions.by_node(&tables, &hierarchy, AS_OF);
        let of = |level, node: &'static str| held[&((level, node), running)];
        assert_eq!(of(Level::Owner, "ann"), HeldForecast { submitted: Some(120), adjusted: Some(90) });
        assert_eq!(of(Level::Owner, "bob"), HeldForecast { submitted: Some(50), adjusted: Some(50) });
        for (level, node) in [(Level::Team, "North"), (Level::Manager, "boss"), (Level::Company, "company")] {
            assert_eq!(of(level, node), HeldForecast { submitted: Some(170), adjusted: Some(140) }, "{node}");
        }
        revisions.fill_actuals(
            [("ann", last.first, 60), ("ann", last.last, 40), ("ann", running.first, 7)].into_iter(),
            AS_OF,
        );
        let records = revisions.records();
        assert_eq!(records["ann"], AuthorRecord { cases: 1, bias: Some(0.3), wape: Some(0.3) });
        assert_eq!(records["boss"], AuthorRecord { cases: 1, bias: Some(0.0), wape: Some(0.0) });
        assert!(!records.contains_key("bob"), "nothing of bob's is over");
    }
}
