//! What does the target hold of the deals that are wanted? Asks it; writes nothing.

use std::collections::BTreeMap;

use crate::config::{PushConfig, ScoreField};
use crate::push::error::{PushError, PushStop};
use crate::push::plan::Plan;
use crate::push::record_ids::foreign_id;
use crate::push::target::{Target, TargetField};
use crate::push::value::FieldValues;
use crate::push::wanted::Wanted;

/// What a target holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The fields that take scores.
    pub fields: Vec<TargetField>,
    /// By the deal's id; a deal that is not here has no record.
    pub current: BTreeMap<String, FieldValues>,
}

/// The fields of `config` as the target has them, or what is wrong with each.
///
/// # Errors
/// [`PushStop`] where the target cannot be asked.
pub fn resolve(config: &PushConfig, target: &mut dyn Target) -> Result<Vec<Result<TargetField, String>>, PushStop> {
    let fields: Vec<(ScoreField, String)> = config.fields.iter().map(|(of, name)| (*of, name.clone())).collect();
    let resolved = target.resolve(&fields)?;
    Ok(resolved.into_iter().map(|field| field.and_then(fits)).collect())
}

/// A field, if it takes what goes in.
fn fits(field: TargetField) -> Result<TargetField, String> {
    use crate::push::value::TargetKind::{Date, DateTime, Number, Text};
    let is_right = match field.of {
        ScoreField::Score | ScoreField::Probability | ScoreField::PreviousScore => matches!(field.kind, Number(_)),
        ScoreField::PredictedCloseDate | ScoreField::ScoredAt => matches!(field.kind, Date | DateTime | Text(_)),
        _ => matches!(field.kind, Text(_)),
    };
    let keeps_a_chance = field.of != ScoreField::Probability || !matches!(field.kind, Number(Some(0 | 1)));
    match (is_right, keeps_a_chance) {
        (true, true) => Ok(field),
        (false, _) => Err(format!("{} is of another type than {} needs", field.name, field.of.name())),
        (true, false) => Err(format!("{} keeps too few decimals for a chance from 0 to 1", field.name)),
    }
}

/// The fields of `config` as `target`, called `name`, has them.
///
/// # Errors
/// [`PushError::Fields`] where a field is not there or of another type; [`PushError::Stopped`].
fn fields_of(name: &str, config: &PushConfig, target: &mut dyn Target) -> Result<Vec<TargetField>, PushError> {
    let resolved = resolve(config, target).map_err(PushError::Stopped)?;
    let faults: Vec<String> = resolved.iter().filter_map(|field| field.as_ref().err().cloned()).collect();
    if !faults.is_empty() {
        return Err(PushError::Fields { target: name.to_owned(), faults });
    }
    Ok(resolved.into_iter().filter_map(Result::ok).collect())
}

/// Whether `target`, where it is somebody else's server, still has the fields of `plan` as they were when it was made. A
/// target that was not asked for its fields does not know what its ids begin with.
///
/// # Errors
/// [`PushError::Fields`], [`PushError::NoPlan`] where one is of another type since; [`PushError::Stopped`].
pub fn check_fields(plan: &Plan, config: &PushConfig, target: &mut dyn Target) -> Result<(), PushError> {
    if !target.is_remote() {
        return Ok(());
    }
    let found = fields_of(&plan.target, config, target)?;
    match found.iter().find(|field| !plan.fields.contains(field)) {
        Some(field) => {
            Err(PushError::NoPlan { reason: format!("{} is of another type since it was made", field.name) })
        }
        None => Ok(()),
    }
}

/// Asks `target`, called `name`, for its fields and for what the wanted deals hold: page by page, then one by one what no
/// page had.
///
/// # Errors
/// [`PushError::Fields`] where a field is not there or of another type; [`PushError::Stopped`].
pub fn survey(name: &str, config: &PushConfig, wanted: &Wanted, target: &mut dyn Target) -> Result<Survey, PushError> {
    let fields = fields_of(name, config, target)?;
    let mut pages = target.read_all(&fields).map_err(PushError::Stopped)?;
    // What cannot be there is asked for nowhere.
    let deals: Vec<&String> = wanted.deals.keys().filter(|deal| foreign_id(config, deal).is_none()).collect();
    let mut current: BTreeMap<String, FieldValues> =
        deals.iter().filter_map(|deal| pages.remove_entry(*deal)).collect();
    drop(pages);
    let absent: Vec<&str> = deals.into_iter().filter(|deal| !current.contains_key(*deal)).map(String::as_str).collect();
    current.extend(target.read_some(&absent, &fields).map_err(PushError::Stopped)?);
    Ok(Survey { fields, current })
}
