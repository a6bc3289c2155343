//! `kill -9` at random moments. `DEALCAST_KILLS=200` asks for more.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::espocrm::{assert_nothing_twice, assert_right, double, espo_desk};
use super::espocrm_double::KEY;
use super::scene::{books, count, plan, scored};
use crate::harness::PROGRAM;

#[test]
fn killed_at_any_moment_and_resumed_every_deal_ends_right_and_none_is_written_twice() {
    kill_and_resume("", Duration::from_millis(3), 8);
}

#[test]
fn killed_while_many_are_imported_nothing_is_imported_twice() {
    kill_and_resume("bulk_from = 2", Duration::from_millis(60), 4);
}

/// Kills pushes with `more` in their section, whose server takes `pause` over a write.
fn kill_and_resume(more: &str, pause: Duration, fewest: u64) {
    let kills: u64 = std::env::var("DEALCAST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(fewest);
    let (mut killed, mut moment) = (0, 0x2545_f491_4f6c_dd1d_u64);
    while killed < kills {
        let (double, deals) = (double(), scored("first").len());
        let desk = espo_desk(&double.url, KEY, more);
        assert_eq!(plan(&desk, "first").code, 0);
        double.crm().write_pause = pause;
        // Several kills of one plan, then the end of it.
        for _ in 0..4 {
            let mut push = Command::new(PROGRAM);
            push.current_dir(desk.path("")).args(["push", "resume", "-q"]).stdout(Stdio::null()).stderr(Stdio::null());
            let mut push = push.spawn().unwrap();
            moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            thread::sleep(Duration::from_millis(10 + (moment >> 33) % 120));
            push.kill().unwrap();
            killed += u64::from(!push.wait().unwrap().success());
            // The books close after every crash.
            let books = books(&desk);
            assert_eq!(count(&books, "rejected") + count(&books, "missing"), 0, "{books}");
        }
        desk.ok("push resume");
        assert_eq!(count(&books(&desk), "written"), deals);
        assert_right(&double);
        assert_nothing_twice(&double.crm().writes);
    }
}
