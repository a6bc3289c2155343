//! Everything to an [`Actions`]: every kind is asked, names and currencies added, rows put in order.

use std::cmp::Reverse;

use crate::analyses::actions::close_gap::GapsToClose;
use crate::analyses::actions::draft::Draft;
use crate::analyses::actions::input::ActionsInput;
use crate::analyses::actions::money::{ActionDeal, expected};
use crate::analyses::actions::rows::{ActionKind, ActionRow, Actions};
use crate::analyses::actions::{close_dates, missing, stagnant, submitted};
use crate::analyses::forecast::DealMoney;
use crate::books::hierarchy::{Hierarchy, NO_MANAGER, Position};
use crate::domain::day::Day;

/// What is to be done, the most worth first.
#[must_use]
pub fn actions(input: &ActionsInput<'_>) -> Actions {
    let base_rows = input.forecast.quality.base_rows;
    let money = DealMoney::new(input.tables, input.config, input.snapshot.as_of, base_rows, input.outlook);
    let deals = ActionDeal::all(input);
    let last_known = input.snapshot.as_of.plus(-1);
    let mut hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, input.snapshot.as_of);
    let positions: Vec<u32> = deals.iter().map(|deal| hierarchy.position(deal.state.owner, last_known)).collect();
    let position_of = |deal: &ActionDeal<'_>| &hierarchy.positions()[positions[deal.at] as usize];
    let stages = &input.timeline.stages;
    let mut drafts = submitted::rows(input);
    for (deal, facts) in deals.iter().zip(&input.facts.deals) {
        drafts.extend(stagnant::row(deal, facts, stages));
        drafts.extend(close_dates::row(deal, facts));
        drafts.extend(missing::rows(deal, facts, input.facts, stages));
    }
    if let Some(gaps) = GapsToClose::of(input, &money) {
        drafts.extend(gaps.rows(input, &money, &deals, position_of));
    }
    let finish = Finish { money: &money, hierarchy: &hierarchy, last_known };
    let row = |draft: Draft| match draft.deal.map(|at| &deals[at]) {
        Some(deal) => finish.deal(draft, deal, position_of(deal)),
        None => finish.forecast(draft),
    };
    let mut rows: Vec<ActionRow> = drafts.into_iter().map(row).collect();
    in_order(&mut rows, input);
    Actions { as_of: input.snapshot.as_of, base: money.base, rows }
}

/// The most worth in the base currency first, then without a rate by currency; without a model by amount.
fn in_order(rows: &mut [ActionRow], input: &ActionsInput<'_>) {
    rows.sort_by(|a, b| order_of(a, input).cmp(&order_of(b, input)));
}

type Place<'a> =
    (Reverse<Option<i64>>, &'a str, Reverse<Option<i64>>, Reverse<Option<i64>>, ActionKind, &'a str, &'a str, Day, Day);

fn order_of<'r>(row: &'r ActionRow, input: &ActionsInput<'r>) -> Place<'r> {
    let worth = row.worth.as_ref();
    let id = row.deal.and_then(|at| input.facts.deals.get(at)).map_or("", |facts| facts.id.as_str());
    let node = row.node.as_ref();
    let period = node.map_or((row.due, row.due), |node| (node.period.first, node.period.last));
    (
        Reverse(worth.and_then(|worth| worth.base)),
        row.currency.and_then(|currency| input.tables.currencies.name(currency)).unwrap_or_default(),
        Reverse(worth.map(|worth| worth.native)),
        Reverse(row.base_amount.or(row.amount)),
        row.kind,
        id,
        node.map_or("", |node| node.key.as_str()),
        period.0,
        period.1,
    )
}

/// What makes a row of a draft.
struct Finish<'f, 'a> {
    money: &'f DealMoney,
    hierarchy: &'f Hierarchy<'a>,
    last_known: Day,
}

impl Finish<'_, '_> {
    fn deal(&self, draft: Draft, deal: &ActionDeal<'_>, position: &Position<'_>) -> ActionRow {
        let (state, money) = (deal.state, self.money);
        let of_horizon = || deal.chance.map(|chance| expected(money, deal, chance));
        let amount = state.amount_minor.get();
        let owner = state.owner.get().map(|_| position.owner.to_owned());
        ActionRow {
            deal: draft.deal,
            owner_name: owner.as_ref().map(|id| self.hierarchy.name_of(id).unwrap_or(id).to_owned()),
            owner,
            managers: managers(position),
            currency: Some(state.currency),
            amount,
            base_amount: amount.and_then(|minor| money.in_base(minor, state.currency, money.day_of(state))),
            worth: draft.worth.or_else(of_horizon),
            expected_close: state.expected_close.get(),
            likely_close: deal.wins.map(|[_, half]| half),
            kind: draft.kind,
            node: draft.node,
            what: draft.what,
            why: draft.why,
            due: draft.due,
        }
    }

    /// A row about an owner's forecast.
    fn forecast(&self, draft: Draft) -> ActionRow {
        let owner = draft.node.as_ref().map(|node| node.key.as_str());
        let listed = owner.and_then(|owner| self.hierarchy.listed_owners().find(|known| *known == owner));
        let position = self.hierarchy.position_of(listed, self.last_known);
        ActionRow {
            deal: None,
            owner: owner.map(str::to_owned),
            owner_name: draft.node.as_ref().map(|node| node.name.clone()),
            managers: managers(&position),
            currency: None,
            amount: draft.amount,
            base_amount: draft.amount,
            worth: draft.worth,
            expected_close: None,
            likely_close: None,
            kind: draft.kind,
            node: draft.node,
            what: draft.what,
            why: draft.why,
            due: draft.due,
        }
    }
}

fn managers(position: &Position<'_>) -> Vec<String> {
    let known = position.managers.iter().filter(|manager| **manager != NO_MANAGER);
    known.map(|manager| (*manager).to_owned()).collect()
}
