//! Chances as written, which are shares of 1 or percent: which of the two the cells of a table mean.
//!
//! [`WrittenChance`]s in; whether they are percent out, or the two cells that contradict each other.

use crate::config::{ChanceScale, Rule, RuleSeverity};
use crate::ingest::assumption::Assumption;
use crate::ingest::issues::excerpt;
use crate::ingest::reader::Stop;
use crate::ingest::reject::Reject;
use crate::ingest::twice::{RowPlace, Settling};
use crate::ingest::written::WrittenChance;

/// The first cell that shows each scale.
#[derive(Debug, Default)]
pub(crate) struct ChanceEvidence {
    percent: Option<ChanceCell>,
    share: Option<ChanceCell>,
}

#[derive(Debug)]
struct ChanceCell {
    place: RowPlace,
    value: String,
    /// Whether the cell has a percent sign: nothing is guessed then.
    is_told: bool,
}

impl ChanceEvidence {
    /// Takes a cell in: 0 and 1 say nothing, another share of 1 and a number above it do, and a percent sign does.
    pub(crate) fn note(&mut self, chance: WrittenChance, place: RowPlace, value: impl FnOnce() -> String) {
        let WrittenChance { number, has_sign } = chance;
        let is_share = !has_sign && number > 0.0 && number < 1.0;
        let first = match (is_share, has_sign || number > 1.0) {
            (true, _) => &mut self.share,
            (_, true) => &mut self.percent,
            _ => return,
        };
        first.get_or_insert_with(|| ChanceCell { place, value: excerpt(&value()), is_told: has_sign });
    }

    /// Takes in what later rows say.
    pub(crate) fn merge(&mut self, later: Self) {
        self.percent = self.percent.take().or(later.percent);
        self.share = self.share.take().or(later.share);
    }

    /// Whether the chances are percent: as configured, else as the cells say. Both at once break `mixed_percent`.
    pub(crate) fn settle(&self, settling: &mut Settling<'_>) -> Result<bool, Stop> {
        if let Some(scale) = settling.chances {
            return Ok(scale == ChanceScale::Percent);
        }
        if let (Some(percent), Some(share)) = (&self.percent, &self.share) {
            let row = two_scales(percent, share, settling);
            match settling.severity_of(Rule::MixedPercent) {
                RuleSeverity::Error => return Err(Stop::Error(Box::new(row))),
                RuleSeverity::Reject | RuleSeverity::Warn => settling.warn(row),
            }
        }
        let guessed = self.percent.as_ref().map(|cell| (cell, "in percent"));
        let guessed = guessed.or_else(|| self.share.as_ref().map(|cell| (cell, "in shares of 1")));
        if let Some((cell, scale)) = guessed.filter(|(cell, _)| !cell.is_told) {
            let what = format!("probability {scale} ({:?} on line {})", cell.value, cell.place.line);
            settling.assume(Assumption::plain("probability_scale", what));
        }
        Ok(self.percent.is_some())
    }
}

/// What is said of a column with both.
fn two_scales(percent: &ChanceCell, share: &ChanceCell, settling: &Settling<'_>) -> Reject {
    let at = |cell: &ChanceCell| format!("{} line {}", settling.file(cell.place), cell.place.line);
    let told = |cell: &ChanceCell| if cell.is_told { "percent by its sign" } else { "percent" };
    let reason = format!(
        "a share of 1, where {:?} on {} is {}: `probability_scale` = \"percent\" or \"share\" says which the column has",
        percent.value,
        at(percent),
        told(percent)
    );
    Reject {
        file: settling.file(share.place).to_owned(),
        line: share.place.line.into(),
        column: "probability".to_owned(),
        value: share.value.clone(),
        reason,
        rule: Rule::MixedPercent,
    }
}
