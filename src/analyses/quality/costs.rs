//! Deals as they stand to what every gap of the input takes from the results.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::quality::cost::QualityCost;
use crate::analyses::quality::record::QualityRecord;
use crate::books::deal_values::DealValues;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::{OwnerId, StageId};
use crate::domain::inputs::{InputTable, stage_history};
use crate::domain::stage::StageKind;
use crate::ingest::Issues;
use crate::ingest::tables::Tables;
use crate::report::words::{by_number, count, money, percent, thousands};
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::Timeline;

/// What the costs are reckoned from.
#[derive(Clone, Copy, Debug)]
pub struct CostInput<'a> {
    /// The tables.
    pub tables: &'a Tables,
    /// Every deal's past.
    pub timeline: &'a Timeline,
    /// Every deal as it stands.
    pub snapshot: &'a Snapshot,
    /// What every deal is worth.
    pub values: &'a DealValues,
    /// What was wrong with the input.
    pub issues: &'a Issues,
    /// The configuration.
    pub config: &'a Config,
    /// The last run, for comparison.
    pub previous: Option<&'a QualityRecord>,
}

/// Every gap that costs something.
#[must_use]
pub fn costs(input: CostInput<'_>) -> Vec<QualityCost> {
    let amounts = [input.without_amount(StageKind::Open), input.without_amount(StageKind::Won)];
    let days = [input.open_without_date(), input.closed_without_date()];
    let owners = [input.without_owner(), input.owner_not_listed()];
    let rest = [input.without_rate(), input.without_history(), input.before_history(), input.no_quota()];
    amounts.into_iter().chain(days).chain(owners).chain(rest).flatten().collect()
}

/// A gap before it is a [`QualityCost`].
pub(super) struct Gap {
    pub gap: &'static str,
    pub table: InputTable,
    pub column: &'static str,
    pub deals: u64,
    pub of_deals: u64,
    pub amount_minor: Option<i128>,
    /// What follows from it, in words.
    pub so: String,
    pub remedy: &'static str,
}

impl<'a> CostInput<'a> {
    /// The cost of a gap; none where it is about no deal.
    pub(super) fn cost(&self, gap: Gap) -> Option<QualityCost> {
        let Gap { gap, table, column, deals, of_deals, amount_minor, so, remedy } = gap;
        let words = match QualityCost::words(gap).split_once("deals ") {
            Some((kind, rest)) => format!("{} {rest}", count(deals, &format!("{kind}deal"))),
            None => count(deals, "deal"),
        };
        let share =
            if of_deals > deals { format!(" ({})", percent(deals as f64 / of_deals as f64)) } else { String::new() };
        let sentence = format!("{words}{share}: {so}");
        let previous = self.previous.map(|record| (record.as_of, record.deals(gap)));
        let currency = self.values.currency.as_ref().map(|currency| (currency.name.clone(), currency.decimals));
        (deals > 0).then_some(QualityCost {
            gap,
            table,
            column,
            deals,
            of_deals,
            amount_minor: amount_minor.filter(|_| currency.is_some()),
            currency,
            sentence,
            remedy,
            previous,
        })
    }

    fn states(&self, kind: StageKind) -> impl Iterator<Item = &'a DealState> {
        self.snapshot.states.iter().filter(move |state| state.kind == kind)
    }

    /// How many deals of `kind` are so, how many there are, and what they are worth together.
    fn tally(&self, kind: StageKind, is_so: impl Fn(&DealState) -> bool) -> (u64, u64, i128) {
        let mut found = (0, 0, 0);
        for state in self.states(kind) {
            found.1 += 1;
            if is_so(state) {
                found.0 += 1;
                found.2 += i128::from(self.values.get(state.deal).unwrap_or(0));
            }
        }
        found
    }

    /// `, worth 1,234 USD`; nothing where amounts cannot be brought together.
    fn worth(&self, minor: i128) -> String {
        self.told(minor).map(|told| format!(", worth {told}")).unwrap_or_default()
    }

    fn told(&self, minor: i128) -> Option<String> {
        let currency = self.values.currency.as_ref()?;
        Some(money(minor, currency.decimals, &currency.name))
    }

    /// Open or won deals without an amount.
    fn without_amount(&self, kind: StageKind) -> Option<QualityCost> {
        let (deals, of_deals, _) = self.tally(kind, |state| state.amount_minor.is_none());
        let about = self.at_the_average(kind);
        let told = about.and_then(|minor| self.told(minor));
        let (gap, so) = match (kind, told) {
            (StageKind::Open, Some(told)) => (
                "open_without_amount",
                format!("0 in the pipeline and its weighted sums, about {told} at the average of their stage"),
            ),
            (StageKind::Open, None) => ("open_without_amount", "0 in the pipeline and its weighted sums".to_owned()),
            (_, Some(told)) => ("won_without_amount", format!("0 in what was won, about {told} at the average")),
            (_, None) => ("won_without_amount", "0 in what was won".to_owned()),
        };
        let remedy = "fill the amount in the CRM, or name its column under [sources.deals.columns]";
        let (table, column) = (InputTable::Deals, "amount");
        self.cost(Gap { gap, table, column, deals, of_deals, amount_minor: about, so, remedy })
    }

    /// What the deals of `kind` without an amount would be worth at the average of their stage, or of all where the stage has
    /// none.
    fn at_the_average(&self, kind: StageKind) -> Option<i128> {
        let (mut all, mut by_stage) = (Sum::default(), BTreeMap::<Option<StageId>, Sum>::new());
        for state in self.states(kind) {
            if let Some(minor) = self.values.get(state.deal) {
                all.add(minor);
                by_stage.entry(state.stage.get()).or_default().add(minor);
            }
        }
        let all = all.mean()?;
        let of = |state: &DealState| by_stage.get(&state.stage.get()).and_then(|sum| sum.mean()).unwrap_or(all);
        Some(self.states(kind).filter(|state| state.amount_minor.is_none()).map(of).sum())
    }

    fn open_without_date(&self) -> Option<QualityCost> {
        let (deals, of_deals, minor) = self.tally(StageKind::Open, |state| state.expected_close.is_none());
        let so = format!("in no period's pipeline{}", self.worth(minor));
        self.cost(Gap {
            gap: "open_without_date",
            table: InputTable::Deals,
            column: "expected_close_date",
            deals,
            of_deals,
            amount_minor: Some(minor),
            so,
            remedy: "fill the date in the CRM, or name its column under [sources.deals.columns]",
        })
    }

    fn closed_without_date(&self) -> Option<QualityCost> {
        let [won, lost] =
            [StageKind::Won, StageKind::Lost].map(|kind| self.tally(kind, |state| state.closed.is_none()));
        let so = format!("won or lost in no period, and nothing is learnt from them{}", self.worth(won.2));
        self.cost(Gap {
            gap: "closed_without_date",
            table: InputTable::Deals,
            column: "closed_at",
            deals: won.0 + lost.0,
            of_deals: won.1 + lost.1,
            amount_minor: Some(won.2),
            so,
            remedy: "name the column of the closing day: `closed_at` under [sources.deals.columns]",
        })
    }

    fn without_owner(&self) -> Option<QualityCost> {
        let (deals, of_deals, minor) = self.tally(StageKind::Open, |state| state.owner.is_none());
        let so = format!("in no owner's, team's or region's forecast, only in the company's{}", self.worth(minor));
        self.cost(Gap {
            gap: "open_without_owner",
            table: InputTable::Deals,
            column: "owner",
            deals,
            of_deals,
            amount_minor: Some(minor),
            so,
            remedy: "name the column of the owner under [sources.deals.columns]",
        })
    }

    fn owner_not_listed(&self) -> Option<QualityCost> {
        if self.tables.users.is_empty() {
            return None;
        }
        let listed: BTreeSet<&str> = self.tables.users.iter().map(|user| user.owner.as_str()).collect();
        let is_stranger = |owner: OwnerId| self.tables.owners.name(owner).is_some_and(|name| !listed.contains(name));
        let (deals, of_deals, minor) = self.tally(StageKind::Open, |state| state.owner.get().is_some_and(is_stranger));
        let so = format!("in no manager's, team's or region's forecast{}", self.worth(minor));
        self.cost(Gap {
            gap: "owner_not_listed",
            table: InputTable::Users,
            column: "owner",
            deals,
            of_deals,
            amount_minor: Some(minor),
            so,
            remedy: "add the owners to users",
        })
    }

    fn without_rate(&self) -> Option<QualityCost> {
        let states = &self.snapshot.states;
        let with_amount = || states.iter().filter(|state| state.amount_minor.is_some());
        let deals = with_amount().filter(|state| self.values.get(state.deal).is_none()).count() as u64;
        let so = match self.values.currency_name() {
            Some(base) => format!("left out of every sum in {base}"),
            None => "several currencies and no exchange rates: no sum over all deals".to_owned(),
        };
        self.cost(Gap {
            gap: "without_rate",
            table: InputTable::FxRates,
            column: "rate",
            deals,
            of_deals: with_amount().count() as u64,
            amount_minor: None,
            so,
            remedy: "give rates of their currencies from an earlier day on with --fx-rates FILE",
        })
    }

    fn without_history(&self) -> Option<QualityCost> {
        let quality = &self.timeline.quality;
        let so = "rebuilt from their days of creation and closing and their present stage; what they did between is not known";
        self.cost(Gap {
            gap: "without_history",
            table: InputTable::StageHistory,
            column: "deal_id",
            deals: quality.without_history,
            of_deals: quality.deals,
            amount_minor: None,
            so: so.to_owned(),
            remedy: "export the whole history, or keep copies from now on: `dealcast snapshot`",
        })
    }

    fn before_history(&self) -> Option<QualityCost> {
        let name = InputTable::StageHistory.name();
        let changed_at = stage_history::SPEC.columns[stage_history::CHANGED_AT].name;
        let mut columns = self.issues.columns();
        let (_, _, counts) = columns.find(|(table, column, _)| *table == name && *column == changed_at)?;
        let first: Day = counts.days?.0;
        let closed = || self.timeline.deals.iter().filter_map(|deal| Some((deal, deal.closed.get()?)));
        let before = closed().filter(|(deal, day)| *day < first && !deal.stage_tracked).count() as u64;
        let so = format!("the history begins on {first}; the stages they passed through teach nothing");
        self.cost(Gap {
            gap: "before_history",
            table: InputTable::StageHistory,
            column: changed_at,
            deals: before,
            of_deals: closed().count() as u64,
            amount_minor: None,
            so,
            remedy: "export the history from its beginning",
        })
    }

    /// The running period without any quota, where other periods have one.
    fn no_quota(&self) -> Option<QualityCost> {
        let (kind, day) = (self.config.calendar.score_period, self.snapshot.as_of);
        let quotas = &self.tables.quotas;
        if quotas.is_empty() || quotas.iter().any(|quota| quota.period.contains(day)) {
            return None;
        }
        let running = self.config.fiscal_calendar().period_of(kind, day);
        let deals = self.states(StageKind::Open).count() as u64;
        let last = quotas.iter().map(|quota| &quota.period).max_by_key(|period| period.last)?;
        let so = format!(
            "no quota for {running}, so no gap to it and no probability of reaching it; the last of {} is for {last}",
            thousands(quotas.len() as i128)
        );
        let mut cost = self.cost(Gap {
            gap: "no_quota",
            table: InputTable::Quotas,
            column: "period",
            deals,
            of_deals: deals,
            amount_minor: None,
            so: so.clone(),
            remedy: "add the quotas of the running period",
        })?;
        cost.sentence =
            format!("{so}: {} {} measured by nothing", count(deals, "open deal"), by_number(deals, "is", "are"));
        Some(cost)
    }
}

/// A sum and how many it is of.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    minor: i128,
    deals: i128,
}

impl Sum {
    fn add(&mut self, minor: i64) {
        self.minor += i128::from(minor);
        self.deals += 1;
    }

    fn mean(self) -> Option<i128> {
        (self.deals > 0).then(|| self.minor / self.deals)
    }
}
