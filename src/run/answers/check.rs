//! Are the inputs fit for use, what is wrong with them, what does that cost, and would a run stop?

use serde_json::{Value, json};

use crate::analyses::quality::findings;
use crate::model::training_coverage;
use crate::report::finding::Finding;
use crate::report::sinks::{self, Format};
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::input_quality::InputQuality;
use crate::run::nightly::{Nightly, load, rehearse};
use crate::run::questions::AsOf;
use crate::run::sections;
use crate::run::watch::Watcher;
use crate::store::models::Registry;
use crate::store::quality::QualityHistory;

/// The inputs as they were read, and what is wrong with them.
#[derive(Debug)]
pub struct CheckedInputs {
    /// The files with their rows, what had to be assumed, what is not given, what that costs, and the trend.
    pub findings: Vec<Finding>,
    /// One row per table and column.
    pub columns: Answer,
    /// One row per gap.
    pub costs: Answer,
    /// One row per broken rule and table, with the first example.
    pub issues: Answer,
    /// Why a run would stop, if it would.
    pub stops: Option<RunError>,
}

/// Whether the model that is named is there: a run looks for it before it reads anything.
///
/// # Errors
/// [`RunError::Model`].
pub fn named_model(asked: &Nightly, registry: &Registry) -> Result<(), RunError> {
    asked.model.find(registry)?;
    Ok(())
}

/// Reads the inputs and rehearses the run that is `asked` for: everything but training, writing and keeping.
///
/// # Errors
/// [`RunError`] where the inputs cannot be loaded.
pub fn check(asked: &Nightly, registry: &Registry, watcher: &dyn Watcher) -> Result<CheckedInputs, RunError> {
    let config = &asked.inputs.config;
    let as_of = load(&asked.inputs, None, watcher)?;
    told(&as_of).iter().for_each(|finding| watcher.tell(finding));
    let values = as_of.values(config, &as_of.keep_all());
    let previous = QualityHistory::open(registry.quality_folder()).last_until(as_of.day());
    let coverage = training_coverage(&as_of.context(), config, watcher);
    let quality = InputQuality::of(&as_of, config, &values, previous.as_ref(), Some(coverage));
    let mut findings = sections::input(&as_of, config);
    findings.extend(findings::history(&quality.columns, &as_of.timeline.quality));
    findings.extend(findings::costs(&quality.costs));
    findings.extend(quality.trend.iter().cloned());
    let [columns, costs, issues] = quality.tables(&as_of)?.map(|table| Answer::of_day(table, &as_of));
    let stops = rehearse(asked, registry, as_of, watcher).err();
    watcher.end();
    Ok(CheckedInputs { findings, columns, costs, issues, stops })
}

/// What every flow says of its inputs; why rows are rejected is said below.
fn told(as_of: &AsOf) -> Vec<Finding> {
    let mut told = sections::loaded(as_of);
    for finding in told.iter_mut().filter(|finding| finding.code == "input.rejected_rows") {
        finding.remedy = Some("the table `issues` says why".to_owned());
    }
    told
}

impl CheckedInputs {
    /// All of it as one JSON document; `stops` are the reasons why a run would stop.
    ///
    /// # Errors
    /// [`RunError::Document`].
    pub fn report(&self, stops: &[String]) -> Result<Value, RunError> {
        Ok(json!({
            "as_of": self.columns.stamp.as_of,
            "stops": stops,
            "findings": serde_json::to_value(&self.findings)?,
            "columns": rows(&self.columns)?,
            "costs": rows(&self.costs)?,
            "issues": rows(&self.issues)?,
        }))
    }
}

/// The rows of a table as JSON has them.
fn rows(answer: &Answer) -> Result<Value, RunError> {
    let mut text = Vec::new();
    sinks::write(&answer.table, Format::Json, &answer.stamp, &mut text).map_err(serde_json::Error::io)?;
    Ok(serde_json::from_slice(&text)?)
}
