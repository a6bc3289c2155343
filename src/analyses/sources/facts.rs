//! What does a deal or a lead add to the row of its source?
//!
//! Credits and leads with what is to be expected of the open ones in, [`DealFact`]s and [`LeadFact`]s out.

use super::chance::WHOLE;
use super::credit::Credit;
use super::expectations::Expectations;
use super::group::{DealFact, Grouping, LeadFact};
use super::input::SourcesInput;
use crate::domain::stage::StageKind;
use crate::ingest::tables::LeadEnd;

/// Chance x (1 - chance), in parts of [`WHOLE`].
fn spread(chance: i64) -> i64 {
    ((i128::from(chance) * i128::from(WHOLE - chance)) / i128::from(WHOLE)) as i64
}

/// What a credit of a deal adds to its row.
pub(super) fn deal_fact(
    input: &SourcesInput<'_>,
    open: &Expectations,
    credit: &Credit,
    grouping: Grouping<'_>,
) -> DealFact {
    let (head, chance) = (input.timeline.head(credit.deal), open.chances[credit.deal.index()]);
    let value = input.values.get(credit.deal);
    let share = credit.end - credit.begin;
    let (is_won, is_open) = (head.kind == StageKind::Won, head.kind == StageKind::Open);
    let won_on = head.closed.get().filter(|_| is_won);
    let to_come = (value.unwrap_or(0) as f64 * (chance as f64 / WHOLE as f64)).round() as i64;
    DealFact {
        group: grouping.codes(credit.origin, head.created),
        created: share,
        won: if is_won { share } else { 0 },
        lost: if head.kind == StageKind::Lost { share } else { 0 },
        expected_won: if is_won { share } else { credit.part(chance) },
        spread: credit.part(spread(chance)),
        won_valued: if is_won && value.is_some() { share } else { 0 },
        revenue_minor: if is_won { credit.part(value.unwrap_or(0)) } else { 0 },
        to_come_minor: credit.part(to_come),
        open_value_minor: if is_open { credit.part(value.unwrap_or(0)) } else { 0 },
        cycle: won_on.map(|closed| closed.0.saturating_sub(head.created.0)),
    }
}

/// What the leads add to their rows.
pub(super) fn lead_facts<'a>(
    input: &'a SourcesInput<'_>,
    open: &'a Expectations,
    grouping: Grouping<'a>,
) -> impl Iterator<Item = LeadFact> + 'a {
    let kept = (0..input.keep_leads.len()).filter(|&lead| input.keep_leads[lead]);
    kept.map(move |lead| {
        let (life, chance) = (&input.leads.lives[lead], open.chances[lead]);
        let converted = if life.end == LeadEnd::Converted { WHOLE } else { 0 };
        LeadFact {
            group: grouping.codes(open.origins[lead], life.created),
            converted,
            expected: converted + chance,
            spread: spread(chance),
        }
    })
}
