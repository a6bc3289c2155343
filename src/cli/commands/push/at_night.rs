//! `dealcast run --push`: the scores of the run that just ended, to every target that is named.
//!
//! The outputs of the run are in their place before anything is sent; nothing here changes them. One target that fails keeps no
//! other one from its scores. What became of the night stands in `push/night.json`, of each plan in its receipt.

use std::path::{Path, PathBuf};

use dealcast::config::PushConfig;
use dealcast::push::error::PushError;
use dealcast::push::findings;
use dealcast::push::ledger::PushOutcome;
use dealcast::push::pacer::Pacer;
use dealcast::push::pending::PushSelection;
use dealcast::report::finding::Section;
use dealcast::run::inputs::Inputs;
use dealcast::store::push_folder::{PushFolder, save_night};
use serde_json::{Value, json};

use super::chosen::ChosenTarget;
use super::failure::{unfinished, with_causes};
use super::shown::{show_books, show_files, show_plan};
use super::steps::{PlanWishes, SentPlan, all_held};
use crate::cli::clock::SystemPacer;
use crate::cli::console::Console;
use crate::cli::error::{CliError, ErrorKind};

/// Records that are read again after a push.
const SAMPLE: usize = 50;

/// The targets a run feeds at its end.
pub(crate) struct NightPush {
    targets: Vec<ChosenTarget>,
    /// Plans only.
    is_dry: bool,
    /// Where the folders of the targets are.
    state: PathBuf,
}

impl NightPush {
    /// The targets called `names`, all that are configured if there are none. Asks nobody anything: a key that is absent must
    /// not cost the run its outputs.
    pub(crate) fn of(names: &[String], is_dry: bool, inputs: &Inputs) -> Result<Self, CliError> {
        let base = inputs.file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let state = base.join("push");
        let configured = &inputs.config.push;
        let known = || configured.keys().cloned().collect::<Vec<_>>().join(", ");
        if configured.is_empty() {
            let hint = "write a [push.NAME] section into dealcast.toml; `dealcast help push` shows some";
            return Err(CliError::usage("no push target is configured").hint(hint));
        }
        if let Some(unknown) = names.iter().find(|name| !configured.contains_key(*name)) {
            return Err(CliError::usage(format!("{unknown:?} is no push target, expected one of {}", known())));
        }
        let is_meant = |name: &String| names.is_empty() || names.contains(name);
        let chosen = |(name, config): (&String, &PushConfig)| {
            ChosenTarget::new(name.clone(), config.clone(), state.join(name), base.clone())
        };
        let targets = configured.iter().filter(|(name, _)| is_meant(name)).map(chosen).collect();
        Ok(Self { targets, is_dry, state })
    }

    /// Plans, writes and reads again a sample, target by target.
    pub(crate) fn carry_out(&self, run: &Path, console: &Console) -> Result<(), CliError> {
        console.printer.sections(&[Section::new("Push", Vec::new())]);
        let begun = SystemPacer.now();
        let (mut problems, mut told) = (Vec::new(), Vec::new());
        for target in &self.targets {
            let mut night = TargetNight::new(target, console);
            let problem = night.push(run, self.is_dry).err();
            night.close(problem.as_ref());
            told.push(night.told(problem.as_ref()));
            problems.extend(problem.map(|problem| (target, problem)));
        }
        let summary = json!({
            "run": run.display().to_string(),
            "dry_run": self.is_dry,
            "begun": begun,
            "ended": SystemPacer.now(),
            "targets": told,
        });
        let unsaved = save_night(&self.state, &format!("{summary:#}\n")).err().map(CliError::from);
        as_one(&problems, unsaved, run)
    }
}

/// One target, and how far its push came.
struct TargetNight<'a> {
    target: &'a ChosenTarget,
    console: &'a Console,
    plan: Option<String>,
    sent: Option<SentPlan>,
    read_again: usize,
}

impl<'a> TargetNight<'a> {
    fn new(target: &'a ChosenTarget, console: &'a Console) -> Self {
        Self { target, console, plan: None, sent: None, read_again: 0 }
    }

    fn push(&mut self, run: &Path, is_dry: bool) -> Result<(), CliError> {
        let (target, console) = (self.target, self.console);
        let mut folder = PushFolder::open(&target.folder).map_err(PushError::Store)?;
        let plan = target.make_plan(&folder, run, PlanWishes::default())?;
        show_plan(target, &plan, console);
        self.plan = Some(plan.id.clone());
        if is_dry {
            return Ok(());
        }
        target.check_not_held()?;
        let sent = target.send(&mut folder, &plan, PushSelection::default(), console);
        console.progress.finish();
        let sent = self.sent.insert(sent?);
        show_books(target, &sent.receipt, console);
        show_files(target, &sent.receipt, console);
        console.printer.finding(&findings::receipt(&target.name, &sent.path.display().to_string()));
        let written = sent.receipt.count(PushOutcome::Written) + sent.receipt.count(PushOutcome::Rounded);
        let complete = unfinished(&sent.receipt, sent.stop.as_ref(), None);
        if sent.stop.is_none() && written > 0 && target.can_be_read() {
            let verified = target.read_again(&plan, Some(SAMPLE))?;
            console.printer.finding(&findings::verified(&target.name, &verified));
            self.read_again = verified.len();
            all_held(&plan, &verified)?;
        }
        complete.map_or(Ok(()), Err)
    }

    /// The last line about this target.
    fn close(&self, problem: Option<&CliError>) {
        let done = match &self.sent {
            None => "planned; nothing is written in a dry run",
            Some(sent) if sent.receipt.count(PushOutcome::Unchanged) == sent.receipt.planned => {
                "done; nothing to write"
            }
            Some(_) => "done",
        };
        let outcome = problem.map_or(Ok(done), |problem| Err(problem.message()));
        self.console.printer.finding(&findings::closed(&self.target.name, outcome));
    }

    /// The same for programs.
    fn told(&self, problem: Option<&CliError>) -> Value {
        let counts = |sent: &SentPlan| {
            let count = |outcome: PushOutcome| (outcome.name().to_owned(), Value::from(sent.receipt.count(outcome)));
            Value::Object(PushOutcome::ALL.into_iter().map(count).collect())
        };
        json!({
            "name": self.target.name,
            "plan": self.plan,
            "planned": self.sent.as_ref().map(|sent| sent.receipt.planned),
            "counts": self.sent.as_ref().map(counts),
            "complete": problem.is_none() && self.sent.is_some(),
            "problem": problem.map(CliError::message),
            "read_again": self.read_again,
            "receipt": self.sent.as_ref().map(|sent| sent.path.display().to_string()),
        })
    }
}

/// What kept targets from their scores, as one error: of the gravest kind. A night that cannot be noted (`unsaved`) hides none
/// of them.
fn as_one(problems: &[(&ChosenTarget, CliError)], unsaved: Option<CliError>, run: &Path) -> Result<(), CliError> {
    if problems.is_empty() {
        return unsaved.map_or(Ok(()), Err);
    }
    let of_targets = problems.iter().map(|(_, problem)| kind_at_night(problem.kind()));
    let kinds: Vec<ErrorKind> = of_targets.chain(unsaved.as_ref().map(CliError::kind)).collect();
    let gravest = [ErrorKind::Internal, ErrorKind::Usage, ErrorKind::Locked, ErrorKind::Model, ErrorKind::Incomplete];
    let Some(kind) = gravest.into_iter().find(|kind| kinds.contains(kind)) else { return Ok(()) };
    let lines = problems.iter().map(|(target, problem)| format!("{}: {}", target.name, problem.message()));
    let lines: Vec<String> = lines.chain(unsaved.as_ref().map(with_causes)).collect();
    let message =
        format!("the run is done and its outputs are in place; its push is not complete\n{}", lines.join("\n"));
    let mut error = CliError::new(kind, message);
    let of_targets = problems.iter().flat_map(|(target, problem)| hints(target, problem, run));
    for hint in of_targets.chain(unsaved.iter().flat_map(|unsaved| unsaved.hints().to_vec())) {
        if !error.hints().contains(&hint) {
            error = error.hint(hint);
        }
    }
    Err(error)
}

/// A plan that is refused is no fault of the run's input, and can be made by hand once somebody has looked.
fn kind_at_night(kind: ErrorKind) -> ErrorKind {
    if kind == ErrorKind::Input { ErrorKind::Incomplete } else { kind }
}

/// What can be done about one of them.
fn hints(target: &ChosenTarget, problem: &CliError, run: &Path) -> Vec<String> {
    match problem.kind() {
        ErrorKind::Input => vec![by_hand(&target.name, run)],
        _ => problem.hints().to_vec(),
    }
}

fn by_hand(name: &str, run: &Path) -> String {
    format!(
        "look at the scores; `dealcast push plan {name} --run {} --allow-large-changes` plans them all the same, and \
         `dealcast push apply {name} --limit 10` writes a few",
        run.display()
    )
}
