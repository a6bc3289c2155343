//! Deal by deal: what changed of it between the runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::compare::rows::DealChange;
use crate::analyses::compare::seen::{SeenDeal, SeenMoney, Status};

/// A deal in either run.
type Pair<'p, 't> = [Option<&'p SeenDeal<'t>>; 2];

/// The deals that changed, by id. `lacks_closed` says that deals may have been closed between the runs and so long before
/// the later one that it lists them no more.
pub(super) fn changes<'t>(
    runs: [&BTreeMap<&'t str, SeenDeal<'t>>; 2],
    places: u32,
    lacks_closed: bool,
) -> Vec<DealChange> {
    let ids: BTreeSet<&str> = runs.iter().flat_map(|run| run.keys().copied()).collect();
    ids.into_iter().filter_map(|id| change(id, runs.map(|run| run.get(id)), places, lacks_closed)).collect()
}

fn change(id: &str, pair: Pair<'_, '_>, places: u32, lacks_closed: bool) -> Option<DealChange> {
    // A deal that was closed before the old run and is listed no more is no news.
    let is_news = pair[1].is_some() || pair[0].is_some_and(|deal| deal.status == Status::Open);
    let happened = happened(pair, lacks_closed);
    if happened.is_empty() || !is_news {
        return None;
    }
    let latest = pair[1].or(pair[0])?;
    let units = |money: Option<SeenMoney>| money.map(|money| money.scaled(places));
    Some(DealChange {
        id: id.to_owned(),
        name: latest.name.map(str::to_owned),
        happened,
        status: pair.map(|deal| deal.map(|deal| deal.status.name().to_owned())),
        owner: pair.map(|deal| deal.map(|deal| deal.owner.to_owned())),
        stage: pair.map(|deal| deal.map(|deal| deal.stage.to_owned())),
        amount: pair.map(|deal| units(deal?.amount)),
        currency: Some(latest.currency.to_owned()).filter(|code| !code.is_empty()),
        decimals: places,
        expected_close: pair.map(|deal| deal?.expected_close),
        score: pair.map(|deal| deal?.score),
        expected: pair.map(|deal| units(deal?.expected)),
    })
}

/// What happened, the most telling first.
fn happened(pair: Pair<'_, '_>, lacks_closed: bool) -> Vec<&'static str> {
    let [old, new] = match pair {
        [Some(old), Some(new)] => [old, new],
        [None, Some(new)] => return vec![if new.status == Status::Open { "new" } else { new_and_closed(new) }],
        [Some(_), None] if lacks_closed => return vec!["gone or closed long ago"],
        [Some(_), None] => return vec!["gone"],
        [None, None] => return Vec::new(),
    };
    let mut happened = Vec::new();
    match (old.status, new.status) {
        (Status::Open, Status::Won) => happened.push("won"),
        (Status::Open, Status::Lost) => happened.push("lost"),
        (Status::Won | Status::Lost, Status::Open) => happened.push("reopened"),
        (was, is) if was != is => happened.push("corrected"),
        _ => {}
    }
    if new.status == Status::Open && old.status == Status::Open {
        match (old.expected_close, new.expected_close) {
            (Some(was), Some(is)) if is > was => happened.push("slipped"),
            (Some(was), Some(is)) if is < was => happened.push("pulled in"),
            (was, is) if was != is => happened.push("close date"),
            _ => {}
        }
        if old.stage != new.stage {
            happened.push("stage");
        }
        if old.score != new.score {
            happened.push("score");
        }
    }
    let amounts_differ = match (old.amount, new.amount) {
        (Some(was), Some(is)) => was.scaled(was.places.max(is.places)) != is.scaled(was.places.max(is.places)),
        (was, is) => was.is_some() != is.is_some(),
    };
    if amounts_differ || old.currency != new.currency {
        happened.push("amount");
    }
    if old.owner != new.owner {
        happened.push("owner");
    }
    happened
}

fn new_and_closed(deal: &SeenDeal<'_>) -> &'static str {
    if deal.status == Status::Won { "new and won" } else { "new and lost" }
}
