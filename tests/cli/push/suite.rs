//! What holds of every server scores are pushed to: the way from plan to plan, every way in which an answer can fail to
//! arrive, and where a key may not be seen.

use std::collections::VecDeque;

use serde_json::Value;

use super::double::{Crm, Double, Fault};
use super::espocrm::assert_nothing_twice;
use super::scene::{books, count, plan, scored};
use crate::harness::{Desk, Table};

/// A server's double, as the tests of all of them look at it.
pub trait Peer: Crm {
    /// Every change that was done, in order.
    fn done(&self) -> Vec<(String, Value)>;
    fn faults(&mut self) -> &mut VecDeque<Fault>;
    /// The chance a record holds.
    fn chance(&self, deal: &str) -> f64;
    fn remove(&mut self, deal: &str);
}

/// Every scored deal of the run holds what the run says, and none was written twice with one value.
pub fn assert_all_right<P: Peer>(double: &Double<P>, run: &str, but: &[&str]) {
    for deal in scored(run).iter().filter(|deal| !but.contains(&deal.deal.as_str())) {
        let held = double.crm().chance(&deal.deal);
        assert!((held - deal.chance).abs() < 1e-6, "{}: {held} for {}", deal.deal, deal.chance);
    }
    assert_nothing_twice(&double.crm().done());
}

/// Set up, planned, tried, written, verified, planned again.
pub fn goes_all_the_way<P: Peer>(double: &Double<P>, desk: &Desk, run: &str) {
    let deals = scored(run).len();
    desk.ok("push setup");
    let planned = plan(desk, run);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert_eq!(Table::parse(&planned.stdout).column("step"), vec!["write"; deals]);
    assert!(double.crm().done().is_empty(), "a plan writes nothing");
    let canary = desk.run("push apply --limit 3");
    assert_eq!((canary.code, double.crm().done().len()), (5, 3), "{}", canary.stderr);
    desk.ok("push apply");
    assert_eq!(count(&books(desk), "written"), deals);
    assert_all_right(double, run, &[]);
    let verified = desk.ok("push verify");
    assert!(verified.stderr.contains(&format!("{deals} hold what was pushed")), "{}", verified.stderr);
    let again = plan(desk, run);
    assert_eq!(Table::parse(&again.stdout).column("step"), vec!["unchanged"; deals], "{}", again.stderr);
    desk.ok("push apply");
    assert_eq!(double.crm().done().len(), deals, "a second plan writes nothing");
}

/// Whatever becomes of an answer, every deal ends right.
pub fn stands_every_fault<P: Peer>(double: &Double<P>, desk: &Desk, run: &str) {
    let deals = scored(run).len();
    plan(desk, run);
    let faults = [
        Fault::None,
        Fault::Drop,
        Fault::Reset,
        Fault::Half,
        Fault::BadGateway,
        Fault::Busy,
        Fault::Busy,
        Fault::None,
        Fault::Failure,
        Fault::Reset,
        Fault::Drop,
        Fault::NotHere,
        Fault::After(524),
        Fault::After(408),
        Fault::After(425),
    ];
    *double.crm().faults() = faults.into_iter().collect();
    desk.ok("push apply");
    assert_eq!(count(&books(desk), "written"), deals);
    assert_all_right(double, run, &[]);
}

/// What ends a push, and what it goes on from; a deal that is gone.
pub fn stops_and_goes_on<P: Peer>(double: &Double<P>, desk: &Desk, run: &str) {
    let deals = scored(run);
    plan(desk, run);
    double.crm().remove(&deals[2].deal);
    *double.crm().faults() = [Fault::None, Fault::Quota].into_iter().collect();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    let told = books(desk);
    assert!(count(&told, "unknown") >= 1, "{told}");
    *double.crm().faults() = [Fault::Unauthorised].into_iter().collect();
    let refused = desk.run("push resume");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(!refused.stderr.contains("push resume"), "{}", refused.stderr);
    desk.run("push resume");
    let told = books(desk);
    assert_eq!((count(&told, "missing"), count(&told, "written")), (1, deals.len() - 1), "{told}");
    assert_all_right(double, run, &[&deals[2].deal]);
}
