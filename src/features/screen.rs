//! Which of very many columns of the deals table enter the model? Those that say most on their own.
//!
//! A fitted [`FeatureSpec`] and how strong its columns are in, the same without the weakest fields out. Strength is
//! measured on training rows alone, so that every fold of an evaluation screens for itself: sure independence screening
//! (Fan & Lv 2008). Without it the time of a fit grows with the square of the columns. Fields every pipeline has, and
//! those the configuration forces, always stay.

use std::collections::BTreeSet;

use crate::features::spec::{Excluded, FeatureSpec, Field};

/// Model columns that the deals table's own columns make at most. Exports of a hundred columns rarely make as many.
pub(super) const MOST_COLUMNS: usize = 400;

/// Why a screened field stays out.
const SCREENED: &str = "screened out: the deals table has very many columns, and others say more on their own";

/// How far the labels of the training rows follow a standardised column: the score test of a logistic line, chi-squared
/// with one degree of freedom where they do not.
pub(super) fn strength(column: impl Iterator<Item = f64>, won: &[bool]) -> f64 {
    let rows = won.len() as f64;
    let rate = won.iter().filter(|&&won| won).count() as f64 / rows.max(1.0);
    let pull: f64 = column.zip(won).map(|(x, &won)| x * (f64::from(won) - rate)).sum();
    let variance = rows * rate * (1.0 - rate);
    if variance > 0.0 { pull * pull / variance } else { 0.0 }
}

/// `spec` with at most [`MOST_COLUMNS`] columns of the fields that `may_go`, one flag per field; the strongest fields stay.
/// `strengths` are those of the columns.
pub(super) fn screened(spec: FeatureSpec, strengths: &[f64], may_go: &[bool]) -> FeatureSpec {
    let mut sizes = vec![0_usize; spec.fields.len()];
    let mut strongest = vec![0.0_f64; spec.fields.len()];
    for (feature, strength) in spec.features.iter().zip(strengths) {
        sizes[feature.field] += 1;
        strongest[feature.field] = strongest[feature.field].max(*strength);
    }
    let mut fields: Vec<usize> = (0..spec.fields.len()).filter(|&field| may_go[field]).collect();
    if fields.iter().map(|&field| sizes[field]).sum::<usize>() <= MOST_COLUMNS {
        return spec;
    }
    // The largest of many is large by chance: of n of them by about 2 ln n.
    let beyond_chance = |field: usize| strongest[field] - 2.0 * (sizes[field] as f64).ln();
    fields.sort_by(|&a, &b| beyond_chance(b).total_cmp(&beyond_chance(a)).then(a.cmp(&b)));
    let mut room = MOST_COLUMNS;
    let mut out: BTreeSet<String> = BTreeSet::new();
    for field in fields {
        match room.checked_sub(sizes[field]) {
            Some(rest) => room = rest,
            None => drop(out.insert(spec.fields[field].name.clone())),
        }
    }
    spec.only(|field: &Field| !out.contains(&field.name), SCREENED)
}

impl FeatureSpec {
    /// The fields that were screened out, because the deals table has very many columns.
    pub fn screened_out(&self) -> impl Iterator<Item = &str> {
        self.excluded.iter().filter(|excluded| excluded.is_screened()).map(|excluded| excluded.name.as_str())
    }
}

impl Excluded {
    fn is_screened(&self) -> bool {
        self.reason == SCREENED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FeatureConfig;
    use crate::features::fixtures::{Case, Fate, even, pipeline};

    /// Names of so many invented columns.
    fn names(columns: usize) -> Vec<&'static str> {
        (0..columns).map(|i| -> &'static str { Box::leak(format!("Noise {i:03}").into_boxed_str()) }).collect()
    }

    /// Noise on two levels, and a column that often knows what becomes of a deal.
    fn case(names: &[&'static str]) -> Case {
        let columns = |fate: Fate| {
            let level = |yes: bool| Some(if yes { "yes" } else { "no" }.to_owned());
            let noise = names.iter().zip(100..).map(|(name, salt)| (*name, level(even(fate.i, salt) < 0.5)));
            let knows = even(fate.i, 3) < 0.5;
            noise.chain([("Telling", level(knows != (even(fate.i, 4) < 0.2)))]).collect()
        };
        Case::of(&pipeline(200, columns))
    }

    #[test]
    fn of_very_many_columns_the_strongest_stay_and_the_others_are_named() {
        let spec = case(&names(450)).fit();
        let of_the_table = |name: &str| name.starts_with("Noise") || name == "Telling";
        let kept = spec.fields.iter().filter(|field| of_the_table(&field.name)).count();
        assert_eq!((kept, spec.screened_out().count()), (MOST_COLUMNS, 451 - MOST_COLUMNS));
        assert!(spec.has_field("Telling"));
        assert!(spec.has_field("stage"), "what every pipeline has stays");
        assert!(spec.screened_out().all(of_the_table));
    }

    #[test]
    fn a_forced_column_stays_and_few_columns_all_stay() {
        let names = names(450);
        let case = case(&names);
        let weakest = case.fit().screened_out().next().expect("a screened column").to_owned();
        let config = FeatureConfig { force: vec![weakest.clone()], ..FeatureConfig::default() };
        let spec = case.fit_with(&config);
        assert!(spec.has_field(&weakest));
        assert_eq!(self::case(&names[..300]).fit().screened_out().count(), 0);
    }

    #[test]
    fn a_column_is_as_strong_as_its_score_test_says() {
        // R: anova(glm(won ~ 1, binomial), glm(won ~ x, binomial), test = "Rao")
        let (column, won) = ([1.0, 1.0, -1.0, -1.0], [true, true, false, true]);
        assert!((strength(column.into_iter(), &won) - 4.0 / 3.0).abs() < 1e-12);
        assert!(strength(column.into_iter(), &[true; 4]).abs() < 1e-12);
    }
}
