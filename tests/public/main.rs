//! Tests on public CRM exports, which are no part of the repository. Where an export is absent its tests are reported as
//! ignored; under `DEALCAST_DATA=required` they run all the same, and fail. The standard harness decides what is ignored
//! when it compiles, so this binary brings one that decides when it runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod cases;
mod exports;
mod features;
mod forecast;
mod funnel;
#[path = "../funnel/world.rs"]
mod funnel_world;
#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod harness;
mod ingest;
#[path = "../ingest/world.rs"]
#[expect(dead_code, reason = "the tests of ingest use the rest")]
mod ingest_world;
mod init;
mod nightly;
#[path = "../cli/world.rs"]
#[expect(dead_code, reason = "the tests of the command line use it")]
mod world;

use std::process::ExitCode;

use exports::{PublicTest, is_ignored, is_required};
use libtest_mimic::{Arguments, Trial};

macro_rules! tests {
    ($($export:literal: $module:ident::$test:ident,)*) => {
        [$(PublicTest {
            name: concat!(stringify!($module), "::", stringify!($test)),
            export: $export,
            run: $module::$test,
        }),*]
    };
}

/// Every test with the export it needs. A test that is not listed is dead code, which the lints report.
const TESTS: [PublicTest; 39] = tests! {
    "../cases": cases::odoo_lost_archived,
    "../cases": cases::pipedrive_zero_dates,
    "../cases": cases::same_day_moves,
    "../cases": cases::deleted_and_same_stage,
    "../cases": cases::history_currency,
    "../cases": cases::backdated,
    "../cases": cases::hubspot_standard_export,
    "../cases": cases::wide_stage_dates,
    "../cases": cases::status_vs_stage,
    "../cases": cases::status_words,
    "../cases": cases::missing_rate,
    "../cases": cases::windows_1251,
    "../cases": cases::date_order,
    "../cases": cases::amount_forms,
    "../cases": cases::trailing_empty,
    "maven": features::maven_amounts_are_found_with_and_without_the_list_price,
    "d365_contoso": features::contoso_leaks_are_found_where_its_configuration_does_not_ignore_them,
    "d365_contoso": forecast::contoso_quota_won_gap_and_attainment_per_owner_and_quarter,
    "maven": forecast::maven_won_revenue_per_owner,
    "maven": funnel::maven_shows_its_outcomes_and_its_stale_pipeline,
    "maven": init::maven_needs_no_answer_and_finds_what_its_configuration_says,
    "d365_contoso": init::contoso_needs_no_answer_and_finds_what_its_configuration_says,
    "salesforce_demo": init::a_salesforce_export_needs_no_answer,
    "dbt_seeds": init::a_synced_salesforce_needs_no_answer,
    "dbt_seeds": init::a_synced_hubspot_whose_deals_have_no_stage_says_so,
    "../crm": init::a_recorded_vtiger_history_needs_no_answer,
    "../crm": init::a_recorded_espocrm_stream_needs_no_answer,
    "sf_pipeline": init::dated_copies_need_one_answer_which_no_file_tells,
    "adventureworks_quotas": init::quotas_without_deals_and_header_say_what_is_missing,
    "maven": ingest::maven_has_all_its_deals,
    "maven": ingest::maven_with_day_first_dates_is_the_same,
    "d365_contoso": ingest::contoso_has_its_deals_goals_and_people,
    "sf_pipeline": ingest::a_pipeline_of_dated_copies_has_its_lots_and_their_ends,
    "salesforce_demo": ingest::a_salesforce_history_with_two_digit_years_and_twelve_hour_times,
    "maven": nightly::a_hardware_seller_learns_that_there_is_no_signal_and_much_stands_still,
    "d365_contoso": nightly::contoso_columns_that_know_the_outcome_are_found,
    "d365_contoso": nightly::contoso_as_a_list_keeps_its_honest_columns,
    "maven": nightly::maven_amounts_that_know_the_outcome_are_found,
    "d365_contoso": nightly::reps_with_goals_see_quota_won_gap_and_attainment,
};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let setting = std::env::var("DEALCAST_DATA").ok();
    let required = is_required(setting.as_deref()).unwrap_or_else(|error| panic!("{error}"));
    let mut trials: Vec<Trial> = TESTS.iter().map(|test| test.trial(required)).collect();
    trials.push(Trial::test("an_absent_export_is_ignored_unless_it_is_required", || {
        an_absent_export_is_ignored_unless_it_is_required();
        Ok(())
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn an_absent_export_is_ignored_unless_it_is_required() {
    assert_eq!(
        [(true, false), (true, true), (false, true)].map(|(present, asked)| is_ignored(present, asked)),
        [false; 3]
    );
    assert!(is_ignored(false, false));
    assert_eq!([None, Some(""), Some("required")].map(is_required), [Ok(false), Ok(false), Ok(true)]);
    assert!(is_required(Some("yes")).is_err());
}
