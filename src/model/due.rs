//! When a saved model is due to be trained again: another recipe, age, new closed deals, drift.

use crate::config::{Config, RetrainConfig};
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::domain::stage::StageKind;
use crate::features::{FeatureContext, FieldDrift};
use crate::model::win_model::WinModel;
use crate::timeline::Timeline;

/// A factor that makes less of the scores than this may drift as it likes.
const FEWEST_SHARE: f64 = 0.05;

/// What is known of a model's age on the day it is to score.
#[derive(Clone, Copy, Debug)]
pub struct Staleness<'a> {
    /// How far the fields of the open deals have moved; see [`FeatureSpec::drift`](crate::features::FeatureSpec::drift).
    pub drift: &'a [FieldDrift],
    /// The day a training was last tried, whatever came of it.
    pub last_tried: Option<Day>,
}

/// BLAKE3 of everything in a configuration that shapes a model. Where files lie, and what the reports look like, does
/// not.
#[must_use]
pub fn recipe_blake3(config: &Config) -> String {
    let mut recipe = config.clone();
    let sources = &mut recipe.sources;
    for table in InputTable::ALL {
        match sources.get_mut(*table) {
            Some(source) if table.spec().shapes_model => source.path.clear(),
            _ => drop(sources.remove(*table)),
        }
    }
    (recipe.stagnation, recipe.funnel, recipe.training.retrain) = Default::default();
    let json = serde_json::to_vec(&recipe).unwrap_or_default();
    blake3::hash(&json).to_hex().to_string()
}

/// Deals known by the timeline's day, and how many of them are closed.
#[must_use]
pub fn known_deals(timeline: &Timeline) -> (u64, u64) {
    let closed = timeline.deals.iter().filter(|deal| deal.kind != StageKind::Open).count();
    (timeline.deals.len() as u64, closed as u64)
}

/// Why `model` should not go on scoring without a look at a newer one; `None` where it may.
#[must_use]
pub fn due(
    model: &WinModel,
    staleness: Staleness<'_>,
    context: &FeatureContext<'_>,
    config: &Config,
) -> Option<String> {
    let RetrainConfig { max_age_days, min_age_days, new_closed_share, drift_psi } = config.training.retrain;
    let today = context.timeline.as_of;
    let (deals, closed) = known_deals(context.timeline);
    if model.recipe_blake3 != recipe_blake3(config) {
        return Some("it was trained under another configuration".to_owned());
    }
    let known = (model.training.known_deals, model.training.known_closed);
    if model.as_of == today {
        let (before, now) = (known.0, deals);
        return (known != (deals, closed)).then(|| {
            format!(
                "the input of its day has changed: {now} deals, {closed} of them closed; it knew {before} and {}",
                known.1
            )
        });
    }
    if staleness.last_tried.is_some_and(|day| days_between(day, today) < min_age_days) {
        return None;
    }
    let age = days_between(model.as_of, today);
    if age >= max_age_days {
        return Some(format!("it is {age} days old, at most {max_age_days} are wanted"));
    }
    if age < min_age_days {
        return None;
    }
    let new_closed = closed.saturating_sub(known.1);
    if new_closed as f64 >= new_closed_share * known.1.max(1) as f64 {
        return Some(format!("{new_closed} deals have closed since, it knew {}", known.1));
    }
    if let Some(worst) = drifted(model, staleness.drift, drift_psi).max_by(|a, b| a.psi.total_cmp(&b.psi)) {
        let name = &model.spec.fields[worst.field].name;
        return Some(format!("open deals have drifted in \"{name}\" (population stability {:.2})", worst.psi));
    }
    None
}

fn days_between(earlier: Day, later: Day) -> u32 {
    later.0.saturating_sub(earlier.0).unsigned_abs()
}

/// The fields that have drifted and that the scores go by.
pub fn drifted<'d>(model: &WinModel, drift: &'d [FieldDrift], limit: f64) -> impl Iterator<Item = &'d FieldDrift> {
    drift
        .iter()
        .filter(move |drift| drift.has_drifted(limit))
        .filter(|drift| model.share_of(drift.field).is_some_and(|share| share >= FEWEST_SHARE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TableSource;

    #[test]
    fn the_recipe_of_the_sample_is_that_of_its_model() {
        let config = Config::parse(include_str!("../../data/sample/dealcast.toml"), "dealcast.toml").expect("parses");
        let model = include_str!("../../models/2026-02-14-1a031d1b.card.json");
        assert!(model.contains(&recipe_blake3(&config)), "the sample's model would be due for training");
    }

    #[test]
    fn only_tables_that_shape_the_model_change_its_recipe() {
        let mapped =
            |path: &str, ignore: &str| TableSource { ignore: vec![ignore.to_owned()], ..TableSource::at(path) };
        for table in InputTable::ALL {
            let recipe = |source: TableSource| {
                let mut config = Config::default();
                config.sources.set(*table, source);
                recipe_blake3(&config)
            };
            assert_eq!(recipe(mapped("a.csv", "x")), recipe(mapped("b.csv", "x")), "{table}: where the file lies");
            let (with, without) = (recipe(mapped("a.csv", "x")), recipe_blake3(&Config::default()));
            assert_eq!(with != without, table.spec().shapes_model, "{table}");
        }
    }
}
