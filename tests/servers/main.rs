//! Pushes to real database servers, PostgreSQL and MariaDB, which the tests start themselves.
//!
//! Where a server is missing its tests are reported as ignored; under `DEALCAST_SERVER_TESTS=required` they fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![expect(clippy::disallowed_methods, reason = "waits for servers have a time limit")]

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod harness;
mod holding;
#[path = "../cli/push/scene.rs"]
mod scene;
mod server;
mod tables;
mod trouble;
#[path = "../cli/world.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod world;

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Trial};
use server::{Kind, Programs, Server};

/// A test of both kinds of server.
type ServerTest = fn(&Server);

/// The tests, each with whether it has a server to itself.
const TESTS: [(&str, ServerTest, bool); 17] = [
    ("scores_arrive_as_they_are_and_a_second_plan_writes_nothing", tables::arrive, false),
    ("only_rows_that_differ_are_changed_and_nothing_is_cleared", tables::change, false),
    ("a_table_that_does_not_fit_is_told_and_left_alone", tables::other_columns, false),
    ("a_table_of_somebody_else_with_finer_types_is_fed_as_it_is", tables::own_types, false),
    ("columns_that_are_absent_are_added_and_setup_shows_how", tables::setup, false),
    ("one_row_that_is_refused_does_not_keep_the_others", tables::one_bad_row, false),
    ("the_socket_of_this_machine_is_taken", tables::socket, false),
    ("a_wrong_password_ends_it_at_once_and_nothing_shows_it", trouble::secrets, false),
    ("what_cannot_be_reached_or_done_is_told_in_clear_words", trouble::clear_words, false),
    ("a_server_that_says_nothing_is_left", trouble::silence, false),
    ("tls_with_a_private_authority", trouble::tls, false),
    ("two_pushes_at_once_both_end_well", holding::two_at_once, false),
    ("rows_that_are_held_are_waited_for_and_then_left", holding::held_rows, false),
    ("a_deadlock_is_tried_again", holding::deadlock, false),
    ("killed_in_mid_transaction_it_goes_on_and_writes_once", holding::killed, false),
    ("a_server_killed_in_mid_transaction_is_found_again", holding::server_killed, true),
    ("a_statement_that_takes_too_long_ends_the_push", holding::too_long, false),
];

fn main() -> ExitCode {
    let required = std::env::var("DEALCAST_SERVER_TESTS").is_ok_and(|value| value == "required");
    let trials = [Kind::Postgres, Kind::Mariadb].into_iter().flat_map(|kind| {
        let programs = Programs::find(kind);
        let shared: Arc<OnceLock<Server>> = Arc::default();
        TESTS.into_iter().map(move |(name, test, is_alone)| {
            let (programs, shared, ignored) = (programs.clone(), shared.clone(), programs.is_none() && !required);
            let trial = Trial::test(format!("{kind:?}::{name}").to_lowercase(), move || {
                let programs = programs.ok_or("the server is not installed")?;
                if is_alone {
                    test(&Server::start(kind, programs));
                } else {
                    test(shared.get_or_init(|| Server::start(kind, programs)));
                }
                Ok(())
            });
            trial.with_ignored_flag(ignored)
        })
    });
    let trials = trials.collect();
    // Servers end with the last test that has them: nothing else holds them then.
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
