//! The table of stages as a model: the share won of past rows in each stage, drawn a little to the base rate.
//!
//! A spec of the stage alone, its encoded rows and their outcomes in, a [`Line`] out whose log-odds are those of the table.
//! So it is stored, scored and explained like a regression: what the stage adds is its log-odds less those of the average
//! row. Nothing is fitted. A stage that training has not seen counts as average.

use crate::domain::probability::logit;
use crate::features::{Feature, FeatureMatrix, FeatureSpec};
use crate::model::baselines::base_rate;
use crate::model::newton::Line;

/// Rows at the base rate added to every stage, ascending: the least that keeps a stage from being sure, or as many as draw
/// small stages to the rest.
pub(super) const SMOOTHINGS: [f64; 3] = [1.0, 10.0, 100.0];

/// Rows of a stage, and how many of them were won.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct StageRows {
    rows: f64,
    won: f64,
}

/// What became of the rows in every stage.
pub(super) struct StageOutcomes<'a> {
    features: &'a [Feature],
    /// One per feature.
    of_columns: Vec<StageRows>,
    /// Of the stages that have no column.
    of_others: StageRows,
    base_rate: f64,
}

impl<'a> StageOutcomes<'a> {
    /// Counts the rows of `matrix`, which `spec` encoded.
    pub fn of(spec: &'a FeatureSpec, matrix: &FeatureMatrix, won: &[bool]) -> Self {
        let mut of_columns = vec![StageRows::default(); matrix.columns()];
        let mut of_others = StageRows::default();
        for (row, &won) in won.iter().enumerate() {
            // Above its mean is the column of the row's stage; at the mean are all columns where the stage is not known.
            let cell = |column: &usize| matrix.column(*column)[row];
            let place = match (0..matrix.columns()).find(|column| cell(column) > 0.0) {
                Some(column) => Some(&mut of_columns[column]),
                None => (0..matrix.columns()).any(|column| cell(&column) < 0.0).then_some(&mut of_others),
            };
            if let Some(place) = place {
                place.rows += 1.0;
                place.won += f64::from(won);
            }
        }
        Self { features: &spec.features, of_columns, of_others, base_rate: base_rate(won) }
    }

    /// The table with so many rows at the base rate added to every stage.
    pub fn line(&self, smoothing: f64) -> Line {
        let log_odds = |of: &StageRows| logit((of.won + smoothing * self.base_rate) / (of.rows + smoothing));
        let others = log_odds(&self.of_others);
        let mut line = Line { intercept: others, weights: Vec::with_capacity(self.features.len()) };
        for (feature, of) in self.features.iter().zip(&self.of_columns) {
            let more = log_odds(of) - others;
            line.weights.push(more * feature.sd);
            line.intercept += more * feature.mean;
        }
        line
    }
}

/// The raw log-odds of every column's stage that a table's line stands for, in the order of the features.
pub(super) fn log_odds_of_columns(features: &[Feature], line: &Line) -> Vec<f64> {
    let more: Vec<f64> = features.iter().zip(&line.weights).map(|(feature, weight)| weight / feature.sd).collect();
    let of_others = line.intercept - features.iter().zip(&more).map(|(feature, more)| more * feature.mean).sum::<f64>();
    more.into_iter().map(|more| of_others + more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::probability::logistic;
    use crate::features::ColumnBasis;

    /// Forty rows in "Proposal", thirty won; fifty in "Lead", ten won; ten in a rare stage, none won; five of unknown stage.
    #[test]
    fn every_stage_has_the_share_that_was_won_in_it_and_the_sum_is_exact() {
        let shares = [0.4, 0.5];
        let feature = |(name, mean): (&str, f64)| Feature {
            field: 0,
            name: name.to_owned(),
            basis: ColumnBasis::Level { level: name.to_owned() },
            mean,
            sd: (mean * (1.0 - mean)).sqrt(),
        };
        let features: Vec<Feature> = ["Proposal", "Lead"].into_iter().zip(shares).map(feature).collect();
        let spec = FeatureSpec { features, ..FeatureSpec::default() };
        let stage_of = |row: usize| [(40, 0), (90, 1), (100, 2)].iter().find(|(until, _)| row < *until).map(|of| of.1);
        let mut matrix = FeatureMatrix::zeros(105, 2);
        for (column, feature) in spec.features.iter().enumerate() {
            for (row, cell) in matrix.column_mut(column).iter_mut().enumerate() {
                let raw = stage_of(row).map(|stage: usize| f64::from(u8::from(stage == column)));
                *cell = raw.map_or(0.0, |raw| (raw - feature.mean) / feature.sd);
            }
        }
        let won: Vec<bool> = (0..105).map(|row| row < 30 || (40..50).contains(&row)).collect();
        let counts = StageOutcomes::of(&spec, &matrix, &won);
        let base = 40.0 / 105.0;
        for smoothing in SMOOTHINGS {
            let line = counts.line(smoothing);
            let chances: Vec<f64> = line.log_odds(&matrix).into_iter().map(logistic).collect();
            for (row, rows, wins) in [(0, 40.0, 30.0), (60, 50.0, 10.0), (95, 10.0, 0.0)] {
                let expected = (wins + smoothing * base) / (rows + smoothing);
                assert!((chances[row] - expected).abs() < 1e-12, "{row}: {} and not {expected}", chances[row]);
            }
            let told = log_odds_of_columns(&spec.features, &line);
            assert!((logistic(told[0]) - chances[0]).abs() < 1e-12 && (logistic(told[1]) - chances[60]).abs() < 1e-12);
            assert!((chances[104] - logistic(line.intercept)).abs() < 1e-12, "an unknown stage is the average");
        }
    }
}
