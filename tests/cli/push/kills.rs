//! `kill -9` at random moments. `DEALCAST_KILLS=200` asks for more of every target; `benches/push_kills.sh` does.

use std::ops::Range;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::espocrm::{double, espo_desk};
use super::espocrm_double::KEY;
use super::scene::{Scored, books, count, desk, plan, scored};
use crate::harness::{Desk, PROGRAM};

/// A target that is written to while processes are killed.
struct Arena<'a> {
    desk: Desk,
    /// When a kill may come, in milliseconds.
    moments: Range<u64>,
    /// The chance a deal holds.
    held: Box<dyn Fn(&Scored) -> Option<f64> + 'a>,
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
        let deals = scored("first");
        assert_eq!(plan(&arena.desk, "first").code, 0);
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
        println!("push kills {name}: {tally:?}");
        let clean = Self { kills: tally.kills, resumes: tally.resumes, ..Self::default() };
        assert_eq!(tally, clean);
    }
}

#[test]
fn killed_at_any_moment_and_resumed_every_deal_of_espocrm_ends_right_and_none_is_written_twice() {
    Tally::of("espocrm", |play| play_espocrm(play, "", Duration::from_millis(3)));
}

#[test]
fn killed_while_many_are_imported_into_espocrm_nothing_is_imported_twice() {
    Tally::of("espocrm, imports", |play| play_espocrm(play, "bulk_from = 2", Duration::from_millis(60)));
}

/// With `more` in the section, on a server that takes `pause` over a write.
fn play_espocrm(play: &mut dyn FnMut(&Arena<'_>), more: &str, pause: Duration) {
    let double = double();
    double.crm().write_pause = pause;
    play(&Arena {
        desk: espo_desk(&double.url, KEY, more),
        moments: 10..130,
        held: Box::new(|deal| double.crm().records[&deal.deal]["cWinScore"].as_f64()),
        twice: Box::new(|| {
            let mut seen: Vec<String> = double.crm().writes.iter().map(|write| format!("{write:?}")).collect();
            let all = seen.len();
            seen.sort();
            seen.dedup();
            all - seen.len()
        }),
    });
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
            moments: 3..40,
            held: Box::new(|deal| asked("SELECT p FROM scores WHERE deal_id = ?1", &deal.deal)),
            twice: Box::new(|| {
                let twice = "SELECT count(*) - count(DISTINCT deal || ' ' || p) FROM noted WHERE deal <> ?1";
                asked(twice, "").unwrap_or(f64::NAN) as usize
            }),
        });
    });
}
