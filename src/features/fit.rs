//! Fitting a spec: which fields enter, on which bases, with which means; what stays out and why.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::config::FeatureConfig;
use crate::domain::day::Day;
use crate::features::catalogue::{CandidateField, FieldKind, candidates};
use crate::features::cells::{CellLevel, Cells};
use crate::features::columns::{LevelCounts, Training, amounts, rate, season, stage_benchmarks, typed};
use crate::features::context::FeatureContext;
use crate::features::knots::knots;
use crate::features::leak::hunt::hunt;
use crate::features::leak::verdict::{LeakVerdict, LeakVerdicts};
use crate::features::naming::unique;
use crate::features::profile::Profile;
use crate::features::read::read;
use crate::features::rounding::rounded;
use crate::features::screen::{screened, strength};
use crate::features::spec::{
    ColumnBasis, Excluded, FEATURE_LAYOUT, Feature, FeatureSpec, Field, Known, Measure, Suspect,
};
use crate::snapshot::DealState;

/// A column must differ from its most common value on this many rows, and on this share of them.
const MIN_VARIED: (usize, f64) = (5, 0.0005);

/// Smallest standard deviation of a column before it is standardised.
const MIN_SD: f64 = 1e-9;

impl FeatureSpec {
    /// Fits on training rows; `won[i]` is the label of row `i`.
    ///
    /// Types, knots, levels and means are those of `rows` alone. Rates and workloads come from the context, but each
    /// row sees only what closed before its own day; the leak hunter looks at all deals known to the context, and can
    /// only take columns away. So the folds of an evaluation may share one context.
    #[must_use]
    pub fn fit(rows: &[DealState], won: &[bool], context: &FeatureContext<'_>, config: &FeatureConfig) -> Self {
        let mut deals = rows.to_vec();
        deals.sort_by_key(|row| (row.deal, row.day));
        deals.dedup_by_key(|row| row.deal);
        let until = rows.iter().map(|row| row.day).max().unwrap_or(Day(0));
        let training = Training { rows, won, deals: &deals, until };
        let candidates = candidates(context);
        let fitter = Fitter {
            training,
            context,
            config,
            verdicts: context.verdicts(),
            stages: match LevelCounts::of("stage", &training, context).levels("stage") {
                Measure::Level { levels, .. } => levels,
                _ => Vec::new(),
            },
        };
        let fitted: Vec<Fitted> = candidates.into_par_iter().map(|candidate| fitter.fit(candidate)).collect();
        assemble(fitted)
    }
}

impl FeatureContext<'_> {
    /// Looks for leaks among the columns whose past is not known. What is found rests on all deals, not on training
    /// rows: every [`FeatureSpec::fit`] shares it, and those that run in parallel need it looked for before.
    pub fn hunt_leaks(&self) {
        self.verdicts();
    }

    pub(super) fn verdicts(&self) -> &LeakVerdicts {
        self.verdicts.get_or_init(|| {
            let candidates = candidates(self);
            let unknown = candidates.iter().filter(|candidate| candidate.known == Known::Table);
            let columns: BTreeSet<&str> = unknown.map(|candidate| candidate.column.as_str()).collect();
            hunt(&columns, self)
        })
    }
}

/// One candidate, fitted or excluded.
#[derive(Default)]
struct Fitted {
    field: Option<Field>,
    columns: Vec<FittedColumn>,
    excluded: Vec<Excluded>,
    /// Why it is looked at with suspicion, if it is.
    suspect: Option<Suspect>,
    /// Whether it may be screened out where there are very many.
    may_go: bool,
}

/// A column on the training rows.
struct FittedColumn {
    feature: Feature,
    /// Fingerprint of the standardised values.
    print: blake3::Hash,
    strength: f64,
}

impl Fitted {
    fn exclude(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.excluded.push(Excluded::new(name, reason));
    }

    fn exclude_with_remedy(&mut self, name: impl Into<String>, reason: impl Into<String>, remedy: String) {
        self.excluded.push(Excluded { remedy: Some(remedy), ..Excluded::new(name, reason) });
    }
}

/// Whether the configuration names a candidate.
fn is_named(candidate: &CandidateField, names: &[String]) -> bool {
    names.iter().any(|name| candidate.is_called(name))
}

/// What to do about a column that knows the outcome.
fn leak_remedy(column: &str) -> String {
    format!(
        "export the history of `{column}`, so that past days show what stood there then; or, if it never changes \
         after the closing, overrule this with `features.force = [{column:?}]`"
    )
}

/// What to do about a column that may know the outcome.
fn suspect_remedy(column: &str) -> String {
    format!(
        "if it is filled in as deals close, `features.exclude = [{column:?}]`; if not, `features.force = [{column:?}]` \
         says so; its exported history settles it"
    )
}

/// The column of marketing campaigns. Each has its time, and of a young one only the fast outcomes are known.
const CAMPAIGN: &str = "campaign";

struct Fitter<'a> {
    training: Training<'a>,
    context: &'a FeatureContext<'a>,
    config: &'a FeatureConfig,
    verdicts: &'a LeakVerdicts,
    /// Stages common enough for interactions.
    stages: Vec<String>,
}

impl Fitter<'_> {
    fn fit(&self, candidate: CandidateField) -> Fitted {
        let forced = is_named(&candidate, &self.config.force);
        let may_go = candidate.kind == FieldKind::Column && !forced;
        let mut fitted = Fitted { may_go, ..Fitted::default() };
        let verdict = self.verdicts.get(&candidate.column).filter(|_| !forced);
        if is_named(&candidate, &self.config.exclude) {
            fitted.exclude(candidate.name, "excluded by configuration");
        } else if candidate.column == CAMPAIGN && !forced {
            let reason = "campaigns come and go: what became of the past ones says little of new ones";
            let remedy = format!("where they stay the same over the years, `features.force = [{CAMPAIGN:?}]`");
            fitted.exclude_with_remedy(candidate.name, reason, remedy);
        } else if let Some(leak) = verdict.and_then(|v| v.leak.as_ref()) {
            let remedy = leak_remedy(&candidate.column);
            let worth = verdict.and_then(|v| v.worth).map(rounded);
            fitted.excluded.push(Excluded {
                remedy: Some(remedy),
                is_leak: true,
                worth,
                ..Excluded::new(candidate.name, leak)
            });
        } else {
            match self.measure(&candidate) {
                Ok(measure) => {
                    fitted.suspect = verdict.and_then(|v| Suspect::of(&candidate, v));
                    self.spread(candidate, measure, verdict.and_then(|v| v.absence.as_ref()), &mut fitted);
                }
                Err(reason) => fitted.exclude(candidate.name, reason),
            }
        }
        fitted
    }

    fn measure(&self, candidate: &CandidateField) -> Result<Measure, String> {
        let (column, training, context) = (candidate.column.as_str(), &self.training, self.context);
        match candidate.kind {
            FieldKind::Line(measure)
            | FieldKind::Flagged(measure)
            | FieldKind::Curve(measure)
            | FieldKind::CurveByStage(measure) => Ok(Measure::State { measure }),
            FieldKind::Stage if self.stages.is_empty() => Err("no stage with enough deals has a history".to_owned()),
            FieldKind::Stage => Ok(LevelCounts::of(column, training, context).stages(column)),
            FieldKind::Levels => Ok(LevelCounts::of(column, training, context).levels(column)),
            FieldKind::StageBenchmark => stage_benchmarks(training, context),
            FieldKind::Amount => Ok(amounts(training, context)),
            FieldKind::OpenLoad => Ok(Measure::OpenLoad),
            FieldKind::QuarterEnd => season(training, context),
            FieldKind::Rate => rate(column, training, context),
            FieldKind::Column => typed(column, training, context),
        }
    }

    /// Spreads a measured candidate over its bases and keeps those that vary.
    fn spread(&self, candidate: CandidateField, measure: Measure, absence: Option<&String>, fitted: &mut Fitted) {
        let cells = read(&measure, self.training.rows, self.context);
        let missing = cells.missing();
        let rows = self.training.rows.len();
        if missing == rows {
            return fitted.exclude(candidate.name, "no training row has a value");
        }
        let absence = absence.filter(|_| missing > 0 && !matches!(measure, Measure::Date { .. }));
        if let Some(reason) = absence {
            let remedy = "fill the column when a deal is created, or export its history".to_owned();
            fitted.exclude_with_remedy(format!("{}, missing", candidate.name), reason, remedy);
        }
        let field = Field {
            range: cells.range(),
            missing_share: cells.missing_share(),
            absence_is_neutral: absence.is_some(),
            name: candidate.name,
            factor: candidate.factor,
            profile: Profile::of(&measure, &cells),
            meaning: candidate.meaning,
            source: candidate.source,
            known: candidate.known,
            measure,
        };
        for basis in self.bases(candidate.kind, &field, &cells, missing > 0 && absence.is_none()) {
            let name = basis.name_of(&field);
            match self.standardise(name.clone(), basis, &field, &cells) {
                Ok(column) => fitted.columns.push(column),
                Err(reason) => fitted.exclude(name, reason),
            }
        }
        if fitted.columns.is_empty() {
            // One reason for the whole field says more than one per column.
            let reason = fitted.excluded.drain(..).next_back().map_or_else(String::new, |last| last.reason);
            return fitted.exclude(field.name, reason);
        }
        fitted.field = Some(field);
    }

    fn bases(&self, kind: FieldKind, field: &Field, cells: &Cells, missing: bool) -> Vec<ColumnBasis> {
        let mut bases = match (&field.measure, cells) {
            (Measure::Level { levels, pooled, .. }, _) => {
                // Two levels without any third state are one flag.
                let skip = usize::from(levels.len() == 2 && pooled.is_empty() && !missing);
                let mut bases: Vec<_> =
                    levels[skip..].iter().map(|level| ColumnBasis::Level { level: level.clone() }).collect();
                bases.extend((!pooled.is_empty()).then_some(ColumnBasis::Other));
                bases
            }
            (_, Cells::Levels(_)) => Vec::new(),
            (_, Cells::Numbers(values)) => self.number_bases(kind, field, values),
        };
        bases.extend(missing.then_some(ColumnBasis::Missing));
        bases
    }

    fn number_bases(&self, kind: FieldKind, field: &Field, values: &[f64]) -> Vec<ColumnBasis> {
        let mut bases = vec![ColumnBasis::Value];
        if !matches!(kind, FieldKind::Line(_) | FieldKind::Flagged(_) | FieldKind::Rate | FieldKind::OpenLoad)
            && !matches!(field.measure, Measure::Rate { .. })
        {
            bases.extend(knots(values).into_iter().map(|knot| ColumnBasis::Hinge { knot: rounded(knot) }));
        }
        if matches!(kind, FieldKind::Flagged(_)) {
            bases.push(ColumnBasis::Positive);
        }
        if matches!(kind, FieldKind::CurveByStage(_)) {
            let center = rounded(mean_of_known(values));
            bases.extend(self.stages.iter().map(|stage| ColumnBasis::AtStage { stage: stage.clone(), center }));
        }
        bases
    }

    /// The column a basis makes of the training rows.
    fn standardise(
        &self,
        name: String,
        basis: ColumnBasis,
        field: &Field,
        cells: &Cells,
    ) -> Result<FittedColumn, String> {
        let rows = self.training.rows.len();
        let mut column = vec![0.0; rows];
        basis.fill(field, cells, self.training.rows, self.context, &mut column);
        if column.iter().all(|value| !value.is_finite()) {
            return Err("its past is not known on any training row".to_owned());
        }
        let varied = varied(&column);
        if varied == 0 {
            return Err("constant on the training rows".to_owned());
        }
        if varied < MIN_VARIED.0 || (varied as f64) < MIN_VARIED.1 * rows as f64 {
            return Err(format!("near-constant: {varied} of {rows} training rows differ"));
        }
        let mean = rounded(mean_of_known(&column));
        let known = column.iter().filter(|value| value.is_finite());
        let sd = rounded((known.map(|value| (value - mean).powi(2)).sum::<f64>() / rows as f64).sqrt());
        if sd < MIN_SD {
            return Err("constant on the training rows".to_owned());
        }
        let feature = Feature { field: 0, name, basis, mean, sd };
        column.iter_mut().for_each(|value| *value = feature.standard(*value));
        // In single precision, and without a signed zero, rounding does not tell two equal columns apart.
        let print: Vec<u8> = column.iter().flat_map(|&value| (value as f32 + 0.0).to_le_bytes()).collect();
        let strength = strength(column.into_iter(), self.training.won);
        Ok(FittedColumn { feature, print: blake3::hash(&print), strength })
    }
}

impl Cells {
    /// The share of rows without a value.
    pub(super) fn missing_share(&self) -> f64 {
        let rows = match self {
            Self::Numbers(values) => values.len(),
            Self::Levels(levels) => levels.len(),
        };
        rounded(self.missing() as f64 / rows.max(1) as f64)
    }

    fn missing(&self) -> usize {
        match self {
            Self::Numbers(values) => values.iter().filter(|value| value.is_nan()).count(),
            Self::Levels(levels) => levels.iter().filter(|level| **level == CellLevel::Missing).count(),
        }
    }

    /// The lowest and the highest value of numbers.
    pub(super) fn range(&self) -> [f64; 2] {
        let Self::Numbers(values) = self else { return [0.0, 0.0] };
        let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let low = known.iter().copied().fold(f64::INFINITY, f64::min);
        let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low <= high { [rounded(low), rounded(high)] } else { [0.0, 0.0] }
    }
}

/// The mean of the values that are numbers; 0 for none.
fn mean_of_known(values: &[f64]) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for value in values.iter().filter(|value| value.is_finite()) {
        sum += value;
        count += 1;
    }
    sum / count.max(1) as f64
}

/// How many rows say something other than the most common value. The median is that value wherever one prevails.
fn varied(column: &[f64]) -> usize {
    let mut known: Vec<f64> = column.iter().copied().filter(|value| value.is_finite()).collect();
    if known.is_empty() {
        return 0;
    }
    let middle = known.len() / 2;
    let median = *known.select_nth_unstable_by(middle, f64::total_cmp).1;
    known.iter().filter(|value| **value != median).count()
}

/// Numbers the fields, drops columns equal to an earlier one, makes names unique, and screens where there are very many.
fn assemble(fitted: Vec<Fitted>) -> FeatureSpec {
    let mut spec = FeatureSpec { layout: FEATURE_LAYOUT, ..FeatureSpec::default() };
    let mut seen: BTreeMap<[u8; 32], String> = BTreeMap::new();
    let (mut strengths, mut may_go) = (Vec::new(), Vec::new());
    for Fitted { field, columns, excluded, suspect, may_go: this_may_go } in fitted {
        spec.excluded.extend(excluded);
        let Some(field) = field else { continue };
        let first = spec.features.len();
        let mut equal = Vec::new();
        for FittedColumn { mut feature, print, strength } in columns {
            if let Some(twin) = seen.get(print.as_bytes()) {
                equal.push(Excluded::new(feature.name, format!("equal to \"{twin}\" on every training row")));
                continue;
            }
            feature.field = spec.fields.len();
            feature.name = unique(feature.name, |name| spec.features.iter().any(|other| other.name == name));
            seen.insert(*print.as_bytes(), feature.name.clone());
            spec.features.push(feature);
            strengths.push(strength);
        }
        if spec.features.len() > first {
            spec.excluded.append(&mut equal);
            spec.fields.push(field);
            spec.suspects.extend(suspect);
            may_go.push(this_may_go);
        } else if let Some(twin) = equal.into_iter().next() {
            spec.excluded.push(Excluded { name: field.name, ..twin });
        }
    }
    let mut spec = screened(spec, &strengths, &may_go);
    spec.suspects.sort_by(|a, b| b.alone.total_cmp(&a.alone).then_with(|| a.field.cmp(&b.field)));
    spec
}

impl Suspect {
    fn of(candidate: &CandidateField, verdict: &LeakVerdict) -> Option<Self> {
        let reason = verdict.suspicion.clone()?;
        let (field, remedy) = (candidate.name.clone(), suspect_remedy(&candidate.column));
        Some(Self { field, reason, alone: rounded(verdict.worth.unwrap_or(0.0)), worth: None, remedy })
    }
}
