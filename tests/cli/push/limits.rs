//! A server that asks to wait: no connection asks it anything meanwhile, and all go on afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::double::{Crm, Double, Fault, Request, Response};
use super::espocrm::{assert_nothing_twice, espo_desk};
use super::espocrm_double::{EspoDouble, KEY};
use super::scene::{books, count, plan, scored};

/// EspoCRM behind a limit.
struct Limited {
    crm: EspoDouble,
    /// Writes that are taken before the limit is met.
    free: usize,
    /// How long it then holds.
    spell: Duration,
    holds: Arc<AtomicBool>,
    /// Requests that came while it held.
    refused: usize,
}

impl Limited {
    fn start(free: usize, spell: Duration) -> Double<Self> {
        let crm = EspoDouble::new(scored("first").iter().map(|deal| deal.deal.as_str()));
        Double::start(Self { crm, free, spell, holds: Arc::default(), refused: 0 })
    }
}

impl Crm for Limited {
    fn answer(&mut self, request: &Request) -> Response {
        if self.crm.writes(request) && self.free == 0 && !self.spell.is_zero() {
            let (holds, spell) = (Arc::clone(&self.holds), std::mem::take(&mut self.spell));
            holds.store(true, Ordering::SeqCst);
            thread::spawn(move || {
                thread::sleep(spell);
                holds.store(false, Ordering::SeqCst);
            });
        }
        self.free = self.free.saturating_sub(usize::from(self.crm.writes(request)));
        if self.holds.load(Ordering::SeqCst) {
            self.refused += 1;
            return Response::empty(429).with("Retry-After", "1");
        }
        self.crm.answer(request)
    }

    fn writes(&self, request: &Request) -> bool {
        self.crm.writes(request)
    }

    fn next_fault(&mut self) -> Fault {
        Fault::None
    }
}

/// Pushes with four connections; how many requests came while the limit held.
fn refused(spell: f64, more: &str) -> usize {
    let double = Limited::start(3, Duration::from_secs_f64(spell));
    let desk = espo_desk(&double.url, KEY, &format!("parallel = 4\n{more}"));
    plan(&desk, "first");
    desk.ok("push apply");
    assert_eq!(count(&books(&desk), "written"), scored("first").len());
    assert_nothing_twice(&double.crm().crm.writes);
    double.crm().refused
}

#[test]
fn while_one_connection_waits_the_others_send_nothing() {
    // Eight in a second: the others have their turn while the first one waits.
    assert_eq!(refused(0.9, "requests_per_second = 8"), 1);
}

#[test]
fn a_limit_that_still_holds_is_met_by_one_connection_and_not_by_each() {
    // Four were on their way when it began; after one second and after two, one tries again.
    let refused = refused(2.5, "");
    assert!((1..=6).contains(&refused), "{refused} requests while the limit held");
}
