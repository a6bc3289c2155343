//! One gate for all connections to a server: while one request waits because the server asked for it, no other one is sent.
//!
//! The request that was asked to wait keeps the gate until its next try has an answer, so that a limit which still holds is met
//! once and not by every connection. Others that were told the same meanwhile count that wait as theirs. Reads no clock: what was waited
//! is added up.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::push::pacer::Pacer;

/// What every request to a server passes.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<GateState>,
    opened: Condvar,
}

#[derive(Default)]
struct GateState {
    is_held: bool,
    /// What was waited so far, by all that held it.
    waited: Duration,
    /// How much that was when one gave up.
    ended: Option<Duration>,
}

/// One request and its tries, before the gate.
pub(super) struct Passage<'g> {
    gate: &'g Gate,
    /// What was waited when the request came.
    begun: Duration,
    /// What was waited when it was sent last.
    passed: Duration,
    holds: bool,
}

impl Gate {
    /// For a request that comes.
    pub fn passage(&self) -> Passage<'_> {
        let waited = self.lock().waited;
        Passage { gate: self, begun: waited, passed: waited, holds: false }
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, once nobody holds the gate.
    fn open(&self) -> MutexGuard<'_, GateState> {
        self.opened.wait_while(self.lock(), |state| state.is_held).unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passage<'_> {
    /// Waits while another request holds the gate.
    pub fn pass(&mut self) {
        if !self.holds {
            self.passed = self.gate.open().waited;
        }
    }

    /// Whether this request holds the gate.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// Holds the gate, and waits until `time` has been waited since this request was sent. The gate stays held until the
    /// request has ended.
    pub fn hold(&mut self, time: Duration, pacer: &dyn Pacer) {
        if !self.holds {
            self.gate.open().is_held = true;
            self.holds = true;
        }
        let waited = self.gate.lock().waited;
        let rest = time.saturating_sub(waited.saturating_sub(self.passed));
        pacer.pause(rest);
        self.passed = waited + rest;
        self.gate.lock().waited = self.passed;
    }

    /// The request gives up: so do those that wait for it.
    pub fn give_up(&mut self) {
        if self.holds {
            self.gate.lock().ended = Some(self.passed);
        }
    }

    /// Whether another request gave up while this one was on its way.
    pub fn is_over(&self) -> bool {
        self.gate.lock().ended.is_some_and(|ended| ended > self.begun)
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if self.holds {
            self.gate.lock().is_held = false;
            self.gate.opened.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;

    /// Adds up what is waited.
    #[derive(Default)]
    struct Waited(AtomicU64);

    impl Pacer for Waited {
        fn now(&self) -> String {
            String::new()
        }

        fn pause(&self, time: Duration) {
            self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
        }
    }

    impl Waited {
        fn seconds(&self) -> u64 {
            self.0.load(Ordering::SeqCst)
        }
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn who_was_told_to_wait_while_another_waited_waits_only_for_what_is_left() {
        let (gate, pacer) = (Gate::default(), Waited::default());
        let [mut first, mut second, mut third] = [(); 3].map(|()| gate.passage());
        [&mut first, &mut second, &mut third].into_iter().for_each(Passage::pass);
        first.hold(seconds(5), &pacer);
        drop(first);
        second.hold(seconds(5), &pacer);
        assert_eq!(pacer.seconds(), 5, "the same five seconds");
        drop(second);
        third.hold(seconds(7), &pacer);
        assert_eq!(pacer.seconds(), 7, "two more");
        third.hold(seconds(7), &pacer);
        assert_eq!(pacer.seconds(), 14, "told again after its next try");
    }

    #[test]
    fn nothing_passes_while_the_gate_is_held_and_all_do_afterwards() {
        let (gate, pacer) = (Gate::default(), Waited::default());
        let (sent, mut holder) = (AtomicU64::new(0), gate.passage());
        holder.pass();
        holder.hold(seconds(1), &pacer);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    gate.passage().pass();
                    sent.fetch_add(1, Ordering::SeqCst);
                });
            }
            thread::sleep(Duration::from_millis(50));
            assert_eq!(sent.load(Ordering::SeqCst), 0);
            drop(holder);
        });
        assert_eq!(sent.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn who_waits_for_one_that_gave_up_gives_up_too_and_later_ones_do_not() {
        let (gate, pacer) = (Gate::default(), Waited::default());
        let (mut first, second) = (gate.passage(), gate.passage());
        first.hold(seconds(1), &pacer);
        assert!(!second.is_over());
        first.give_up();
        drop(first);
        assert!(second.is_over() && !gate.passage().is_over());
    }
}
