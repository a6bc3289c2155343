//! A progress bar on standard error, and how long each step took.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dealcast::domain::progress::Progress;
use dealcast::run::watch::{StepTime, Timings};
use indicatif::{ProgressBar, ProgressStyle};

use super::plain;

/// The bar that is drawn now.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes lines to standard error beside the bar: it is taken away for them and drawn below them again.
pub(crate) fn aside<T>(write: impl FnOnce() -> T) -> T {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match drawn {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn keep_drawn(bar: Option<ProgressBar>) {
    *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Draws the running step where someone watches; keeps the time in any case.
#[derive(Debug)]
pub(crate) struct Steps {
    visible: bool,
    start: Instant,
    state: Mutex<StepClock>,
}

#[derive(Debug, Default)]
struct StepClock {
    bar: Option<ProgressBar>,
    running: Option<(String, Instant)>,
    done: Vec<StepTime>,
}

impl Steps {
    /// `wanted`: whether to draw if standard error is a terminal.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { visible: wanted && io::stderr().is_terminal(), start: now(), state: Mutex::default() }
    }

    /// Ends the running step and clears the bar.
    pub(crate) fn finish(&self) {
        self.state().end();
    }

    /// Every finished step in order, and the whole time so far.
    pub(crate) fn timings(&self) -> Timings {
        Timings { steps: self.state().done.clone(), seconds: rounded(self.start.elapsed()) }
    }

    fn state(&self) -> MutexGuard<'_, StepClock> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StepClock {
    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            keep_drawn(None);
            bar.finish_and_clear();
        }
        if let Some((step, since)) = self.running.take() {
            self.done.push(StepTime { step, seconds: rounded(since.elapsed()) });
        }
    }
}

impl Progress for Steps {
    fn begin(&self, step: &str, total: u64) {
        let mut state = self.state();
        state.end();
        state.running = Some((step.to_owned(), now()));
        if self.visible {
            let bar = if total == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(total) };
            // Cut to the line: of what wraps a part would stay.
            let shape =
                if total == 0 { "{spinner} {elapsed} {wide_msg}" } else { "{bar:30} {percent}% {eta} {wide_msg}" };
            bar.set_style(ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message(plain::line(step).into_owned());
            bar.enable_steady_tick(Duration::from_millis(100));
            keep_drawn(Some(bar.clone()));
            state.bar = Some(bar);
        }
    }

    fn advance(&self, units: u64) {
        if self.visible
            && let Some(bar) = &self.state().bar
        {
            bar.inc(units);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a run takes is what the clock is for; no result depends on it")]
fn now() -> Instant {
    Instant::now()
}

fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}
