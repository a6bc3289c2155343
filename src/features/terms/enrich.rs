//! How the terms found become columns of the spec.

use rayon::prelude::*;

use crate::features::cells::Cells;
use crate::features::context::FeatureContext;
use crate::features::factors::ACTIVITY;
use crate::features::kinds::KindMeasure;
use crate::features::profile::Profile;
use crate::features::read::read;
use crate::features::rounding::rounded;
use crate::features::spec::{ColumnBasis, FEATURE_LAYOUT, Feature, FeatureSpec, Field, Known, Measure};
use crate::features::terms::bends::{Bend, bends};
use crate::features::terms::kinds::{KindField, kind_fields};
use crate::features::terms::pairs::{FoundPair, pairs};
use crate::features::terms::unexplained::Unexplained;
use crate::snapshot::DealState;

/// Square of the score statistic from which a term is worth a column: 1 in 10,000 by chance alone.
const LEAST_STRENGTH: f64 = 15.0;
/// How much smaller than those of other terms the columns of a pair are: the penalty holds them the more.
const PAIR_DAMPING: f64 = 2.0;
/// Most bends, jumps and exact values of all fields together.
const MOST_BENDS: usize = 20;

impl FeatureSpec {
    /// The spec with the terms that the residuals of its own fit ask for; none where they ask for nothing.
    #[must_use]
    pub fn enriched(
        &self,
        rows: &[DealState],
        unexplained: &Unexplained,
        context: &FeatureContext<'_>,
    ) -> Option<Self> {
        let enricher = Enricher { rows, unexplained, context };
        let mut spec = Self { layout: FEATURE_LAYOUT, ..self.clone() };
        enricher.add_bends(&mut spec);
        let pairs = pairs(self, rows, unexplained, context);
        for field in kind_fields(rows, unexplained, context, LEAST_STRENGTH) {
            enricher.add_kind(field, &mut spec);
        }
        for pair in pairs {
            enricher.add_pair(pair, &mut spec);
        }
        (spec.features.len() > self.features.len()).then_some(spec)
    }
}

struct Enricher<'a> {
    rows: &'a [DealState],
    unexplained: &'a Unexplained,
    context: &'a FeatureContext<'a>,
}

impl Enricher<'_> {
    /// Bends, jumps and exact values stand with the other columns of their fields.
    fn add_bends(&self, spec: &mut FeatureSpec) {
        let fields: Vec<usize> = (0..spec.fields.len()).collect();
        let found = fields.par_iter().map(|&field| self.bends_of(spec, field));
        let mut found: Vec<(usize, Bend)> = found.flatten().collect();
        found.sort_by(|a, b| b.1.strength.total_cmp(&a.1.strength).then(a.0.cmp(&b.0)));
        found.truncate(MOST_BENDS);
        found.sort_by_key(|(field, _)| *field);
        for (position, bend) in found {
            let field = &spec.fields[position];
            let cells = read(&field.measure, self.rows, self.context);
            if let Some(feature) = self.feature(position, bend.basis, spec, &cells, 1.0) {
                let after = spec.features.iter().rposition(|other| other.field == position).map_or(0, |last| last + 1);
                spec.features.insert(after, feature);
            }
        }
    }

    fn bends_of(&self, spec: &FeatureSpec, position: usize) -> Vec<(usize, Bend)> {
        let field = &spec.fields[position];
        let Cells::Numbers(values) = read(&field.measure, self.rows, self.context) else { return Vec::new() };
        let clamped: Vec<f64> = values.into_iter().map(|value| field.clamp(value)).collect();
        let own = spec.features.iter().filter(|feature| feature.field == position).map(|feature| &feature.basis);
        let own: Vec<&ColumnBasis> = own.collect();
        bends(&clamped, &own, self.unexplained, LEAST_STRENGTH).into_iter().map(|bend| (position, bend)).collect()
    }

    /// A field by kind of activity, spread over a line and whether there is any.
    fn add_kind(&self, found: KindField, spec: &mut FeatureSpec) {
        let KindField { kind, measure, .. } = found;
        let name = measure.field_name(&kind);
        let (meaning, source) = (measure.meaning().to_owned(), "activities".to_owned());
        let bases = match measure {
            KindMeasure::DaysSince => [ColumnBasis::Value, ColumnBasis::Missing],
            KindMeasure::Count | KindMeasure::Recent => [ColumnBasis::Value, ColumnBasis::Positive],
        };
        let measure = Measure::Kind { kind, measure };
        let cells = read(&measure, self.rows, self.context);
        let field = Field {
            name,
            factor: ACTIVITY.to_owned(),
            meaning,
            source,
            known: Known::History,
            missing_share: cells.missing_share(),
            range: cells.range(),
            profile: Profile::of(&measure, &cells),
            absence_is_neutral: false,
            measure,
        };
        self.add_field(field, bases, &cells, 1.0, spec);
    }

    /// Two fields together are a field and a reason of their own.
    fn add_pair(&self, found: FoundPair, spec: &mut FeatureSpec) {
        let [first, second] = found.fields.map(|field| &spec.fields[field]);
        let name = format!("{} with {}", first.name, second.name);
        let known =
            if [first, second].iter().all(|side| side.known == Known::History) { Known::History } else { Known::Table };
        let source = format!("{}; {}", first.source, second.source);
        let bases: Vec<ColumnBasis> =
            found.cells.iter().map(|cell| ColumnBasis::Level { level: cell.name.clone() }).collect();
        let [first, second] = found.sides;
        let measure = Measure::Pair { first, second, cells: found.cells };
        let cells = read(&measure, self.rows, self.context);
        let field = Field {
            factor: name.clone(),
            name,
            meaning: "both together, beyond what each says alone".to_owned(),
            source,
            known,
            missing_share: 0.0,
            range: cells.range(),
            profile: Profile::default(),
            absence_is_neutral: true,
            measure,
        };
        self.add_field(field, bases, &cells, PAIR_DAMPING, spec);
    }

    fn add_field(
        &self,
        field: Field,
        bases: impl IntoIterator<Item = ColumnBasis>,
        cells: &Cells,
        damping: f64,
        spec: &mut FeatureSpec,
    ) {
        let position = spec.fields.len();
        spec.fields.push(field);
        let before = spec.features.len();
        for basis in bases {
            if let Some(feature) = self.feature(position, basis, spec, cells, damping) {
                spec.features.push(feature);
            }
        }
        if spec.features.len() == before {
            spec.fields.pop();
        }
    }

    /// The column of a basis, at `1 / damping` of the standard scale: the penalty holds it so much more. None where it is
    /// the same on all rows.
    fn feature(
        &self,
        position: usize,
        basis: ColumnBasis,
        spec: &FeatureSpec,
        cells: &Cells,
        damping: f64,
    ) -> Option<Feature> {
        let field = &spec.fields[position];
        let mut column = vec![0.0; self.rows.len()];
        basis.fill(field, cells, self.rows, self.context, &mut column);
        let known: Vec<f64> = column.into_iter().filter(|value| value.is_finite()).collect();
        let mean = rounded(known.iter().sum::<f64>() / known.len().max(1) as f64);
        let spread = known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / self.rows.len().max(1) as f64;
        let sd = rounded(spread.sqrt() * damping);
        let name = basis.name_of(field);
        let unused = spec.features.iter().all(|other| other.name != name);
        (spread.sqrt() > 1e-9 && unused).then_some(Feature { field: position, name, basis, mean, sd })
    }
}
