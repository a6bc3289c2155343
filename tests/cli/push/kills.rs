//! `kill -9` at random moments. `DEALCAST_KILLS=200` asks for more of every target; `benches/push_kills.sh` does, of those it names.

use std::io::{self, Write as _};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use super::cloud::{self, cloud_desk};
use super::cloud_double::CloudCrm;
use super::double::Double;
use super::espocrm::{double, espo_desk};
use super::espocrm_double::KEY;
use super::hubspot_double::HubspotDouble;
use super::salesforce_double::SalesforceDouble;
use super::scene::{Scored, books, count, desk, plan, scored};
use super::suite::Peer;
use super::zoho_double::ZohoDouble;
use super::{odoo, pipedrive, template, vtiger};
use crate::harness::{Desk, Finished, PROGRAM};

/// The chance a deal holds.
type Held<'a> = Box<dyn Fn(&Scored) -> Option<f64> + 'a>;

/// A target that is written to while processes are killed.
struct Arena<'a> {
    desk: Desk,
    plan: fn(&Desk) -> Finished,
    deals: Vec<Scored>,
    /// When a kill may come, in milliseconds.
    moments: Range<u64>,
    /// The chance a deal holds.
    held: Held<'a>,
    /// Values that were written to the same deal twice.
    twice: Box<dyn Fn() -> usize + 'a>,
}

/// What was counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    kills: u64,
    resumes: u64,
    wrong_values: usize,
    written_twice: usize,
    /// Books that were not of the deals planned, or said that something was refused.
    open_books: usize,
}

/// A generator of moments; the same ones every time.
struct Moments(u64);

impl Moments {
    fn next(&mut self, range: &Range<u64>) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis(range.start + (self.0 >> 33) % (range.end - range.start))
    }
}

impl Tally {
    /// Kills a push several times, lets it end, and counts.
    fn play(&mut self, arena: &Arena<'_>, moments: &mut Moments) {
        let deals = &arena.deals;
        assert_eq!((arena.plan)(&arena.desk).code, 0);
        for _ in 0..4 {
            let mut push = Command::new(PROGRAM);
            push.current_dir(arena.desk.path("")).args(["push", "resume", "-q"]);
            let mut push = push.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            thread::sleep(moments.next(&arena.moments));
            push.kill().unwrap();
            self.kills += u64::from(!push.wait().unwrap().success());
            // The books close after every crash, and nothing was refused.
            let books = books(&arena.desk);
            self.open_books += usize::from(count(&books, "rejected") + count(&books, "missing") > 0);
        }
        arena.desk.ok("push resume");
        self.resumes += 1;
        self.open_books += usize::from(count(&books(&arena.desk), "written") != deals.len());
        let is_wrong = |deal: &&Scored| (arena.held)(deal).is_none_or(|held| (held - deal.chance).abs() > 1e-6);
        self.wrong_values += deals.iter().filter(is_wrong).count();
        self.written_twice += (arena.twice)();
    }

    /// Plays until there are enough kills, and prints what was counted.
    fn of(name: &str, arena: impl Fn(&mut dyn FnMut(&Arena<'_>))) {
        let kills: u64 = std::env::var("DEALCAST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
        let (mut tally, mut moments) = (Self::default(), Moments(0x2545_f491_4f6c_dd1d));
        while tally.kills < kills {
            arena(&mut |arena| tally.play(arena, &mut moments));
        }
        let _ = writeln!(io::stderr(), "push kills {name}: {tally:?}");
        let clean = Self { kills: tally.kills, resumes: tally.resumes, ..Self::default() };
        assert_eq!(tally, clean);
    }
}

/// Writes that repeat one before.
fn repeated(writes: &[(String, Value)]) -> usize {
    let mut seen: Vec<String> = writes.iter().map(|write| format!("{write:?}")).collect();
    let all = seen.len();
    seen.sort();
    seen.dedup();
    all - seen.len()
}

/// The plan of the run most targets are tried with.
fn first(desk: &Desk) -> Finished {
    plan(desk, "first")
}

/// EspoCRM, record by record or by imports.
fn espocrm_is_killed(name: &str, more: &str, pause: u64) {
    Tally::of(name, |play| {
        let double = double();
        double.slow_down(Duration::from_millis(pause));
        play(&Arena {
            desk: espo_desk(&double.url, KEY, more),
            plan: first,
            deals: scored("first"),
            moments: 10..130,
            held: Box::new(|deal| double.crm().records[&deal.deal]["cWinScore"].as_f64()),
            twice: Box::new(|| repeated(&double.crm().writes)),
        });
    });
}

/// A server that takes many records a request.
fn batches_are_killed<C: CloudCrm>(name: &str, more: &str) {
    Tally::of(name, |play| {
        let double = cloud::double::<C>();
        double.slow_down(Duration::from_millis(25));
        play(&Arena {
            desk: cloud_desk::<C>(&double.url, more),
            plan: cloud::plan,
            deals: cloud::scored(),
            moments: 10..110,
            held: Box::new(|deal| {
                let held = double.crm().cloud().records[&deal.deal].get(C::TARGET.1).cloned();
                held.and_then(|held| held.as_f64().or_else(|| held.as_str()?.parse().ok()))
            }),
            twice: Box::new(|| repeated(&double.crm().cloud().writes)),
        });
    });
}

#[test]
fn killed_at_any_moment_and_resumed_every_deal_of_espocrm_ends_right_and_none_is_written_twice() {
    espocrm_is_killed("espocrm", "", 3);
}

#[test]
fn killed_at_any_moment_of_an_import_every_deal_ends_right_and_none_is_written_twice() {
    espocrm_is_killed("espocrm imports", "bulk_from = 2", 20);
}

#[test]
fn killed_at_any_moment_every_deal_of_hubspot_ends_right_and_none_is_written_twice() {
    batches_are_killed::<HubspotDouble>("hubspot", "");
}

#[test]
fn killed_at_any_moment_every_deal_of_salesforce_ends_right_and_none_is_written_twice() {
    batches_are_killed::<SalesforceDouble>("salesforce", "");
    batches_are_killed::<SalesforceDouble>("salesforce jobs", "bulk_from = 10");
}

#[test]
fn killed_at_any_moment_every_deal_of_zoho_ends_right_and_none_is_written_twice() {
    batches_are_killed::<ZohoDouble>("zoho", "");
}

/// A server whose double is a [`Peer`] and holds the deals of `run`.
fn peer_is_killed<P: Peer>(name: &str, double: fn() -> Double<P>, desk: impl Fn(&str) -> Desk, run: &'static str) {
    Tally::of(name, |play| {
        let double = double();
        double.slow_down(Duration::from_millis(3));
        play(&Arena {
            desk: desk(&double.url),
            plan: if run == "numbered" { |desk| plan(desk, "numbered") } else { first },
            deals: scored(run),
            moments: 10..130,
            held: Box::new(|deal| Some(double.crm().chance(&deal.deal))),
            twice: Box::new(|| repeated(&double.crm().done())),
        });
    });
}

#[test]
fn killed_at_any_moment_every_deal_of_vtiger_ends_right_and_none_is_written_twice() {
    let exact = || {
        let double = vtiger::double();
        double.crm().decimals = 9;
        double
    };
    peer_is_killed("vtiger", exact, |url| vtiger::vtiger_desk(url, ""), "first");
}

#[test]
fn killed_at_any_moment_every_lead_of_odoo_ends_right_and_none_is_written_twice() {
    peer_is_killed("odoo", odoo::double, odoo::odoo_desk, "numbered");
}

#[test]
fn killed_at_any_moment_every_deal_of_pipedrive_ends_right_and_none_is_written_twice() {
    peer_is_killed("pipedrive", pipedrive::double, pipedrive::pipedrive_desk, "numbered");
}

#[test]
fn killed_at_any_moment_every_record_a_template_describes_ends_right_and_none_is_written_twice() {
    peer_is_killed("template", template::double, template::dataverse_desk, "numbered");
    peer_is_killed("template in batches", template::double, template::house_desk, "numbered");
}

/// A trigger of the table notes every value that is put in or changed.
#[test]
fn killed_at_any_moment_and_resumed_every_row_of_a_table_ends_right_and_none_is_written_twice() {
    const NOTED: &str =
        "CREATE TABLE scores (deal_id TEXT PRIMARY KEY, p REAL); CREATE TABLE noted (deal TEXT, p REAL);
        CREATE TRIGGER a AFTER INSERT ON scores BEGIN INSERT INTO noted VALUES (NEW.deal_id, NEW.p); END;
        CREATE TRIGGER b AFTER UPDATE ON scores BEGIN INSERT INTO noted VALUES (NEW.deal_id, NEW.p); END;";
    Tally::of("sqlite", |play| {
        let desk = desk(
            "[push.t]\ntarget = \"sqlite\"\nfile = \"t.sqlite\"\ntable = \"scores\"\n[push.t.fields]\nprobability = \"p\"\n",
        );
        let table = Connection::open(desk.path("t.sqlite")).unwrap();
        table.execute_batch(NOTED).unwrap();
        let asked = |question: &str, deal: &str| table.query_row(question, [deal], |row| row.get::<_, f64>(0)).ok();
        play(&Arena {
            desk,
            plan: first,
            deals: scored("first"),
            moments: 3..40,
            held: Box::new(|deal| asked("SELECT p FROM scores WHERE deal_id = ?1", &deal.deal)),
            twice: Box::new(|| {
                let twice = "SELECT count(*) - count(DISTINCT deal || ' ' || p) FROM noted WHERE deal <> ?1";
                asked(twice, "").unwrap_or(f64::NAN) as usize
            }),
        });
    });
}
