//! What is planned: only what differs, at the target's precision.

use std::collections::BTreeMap;

use crate::config::{Config, ScoreField};
use crate::push::acknowledged::Acknowledged;
use crate::push::error::PushError;
use crate::push::findings::foreign_ids;
use crate::push::fixtures::{Memory, config, fields, number, plan, wanted};
use crate::push::plan::{Plan, PlanBasis, PlanStep};
use crate::push::target::TargetField;
use crate::push::value::{FieldValue, FieldValues, TargetKind};

/// The plan as it is saved.
fn text(plan: &Plan) -> String {
    let mut text = Vec::new();
    plan.write(&mut text).expect("memory takes it");
    String::from_utf8(text).expect("text")
}

fn steps(plan: &Plan) -> Vec<PlanStep> {
    plan.deals.iter().map(|deal| deal.step).collect()
}

#[test]
fn only_what_differs_by_epsilon_is_written_and_what_is_not_there_is_missing() {
    let mut records = Memory::new(3, 0.5).records;
    records.insert("d01".to_owned(), number(0.507));
    records.insert("d02".to_owned(), number(0.4));
    let plan = plan(&wanted(4), &records, &config(""));
    assert_eq!(steps(&plan), [PlanStep::Unchanged, PlanStep::Unchanged, PlanStep::Write, PlanStep::Missing]);
    assert_eq!((&plan.deals[2].old, &plan.deals[2].new), (&number(0.4), &number(0.52)));
}

#[test]
fn a_target_that_has_none_of_several_deals_is_another_one() {
    let (config, fields, none) = (config(""), fields(), BTreeMap::new());
    let made = |deals: usize| {
        let basis = PlanBasis {
            target: "crm",
            config: &config,
            fields: &fields,
            current: BTreeMap::new(),
            acknowledged: &none,
            run: "out",
            made_at: "t",
            writes_whole_records: false,
            allows_large_changes: false,
        };
        Plan::make(&wanted(deals), basis)
    };
    assert!(matches!(made(2), Err(PushError::NoneFound { deals: 2, .. })));
    assert_eq!(steps(&made(1).expect("one may be deleted")), [PlanStep::Missing]);
    assert!(made(0).expect("nothing to do").deals.is_empty());
}

#[test]
fn ids_that_cannot_be_of_the_crm_are_told_and_those_that_are_gone_are_not() {
    let section = "[push.crm]\ntarget = \"file\"\nlayout = \"hubspot\"\n[push.crm.fields]\nprobability = \"p\"\n";
    let config = Config::parse(section, "dealcast.toml").expect("parses").push.remove("crm").expect("a section");
    let mut wanted = wanted(2);
    for id in ["17", "18"] {
        let values = wanted.deals["d00"].clone();
        wanted.deals.insert(id.to_owned(), values);
    }
    let plan = plan(&wanted, &BTreeMap::from([("17".to_owned(), number(0.4))]), &config);
    let told = foreign_ids(&plan, &config).expect("two ids are no numbers");
    assert!(told.sentence.contains("2 deals not sent: the id cannot be one of HubSpot (\"d00\", \"d01\")"), "{told:?}");
}

#[test]
fn a_number_the_target_rounded_before_is_not_sent_again() {
    let (config, fields, wanted) = (config("epsilon = 0.0"), fields(), wanted(1));
    let records = BTreeMap::from([("d00".to_owned(), number(0.48))]);
    let before = Acknowledged::new(&number(0.5), &number(0.48));
    let known = BTreeMap::from([("d00".to_owned(), before)]);
    let none = BTreeMap::new();
    let step = |acknowledged: &BTreeMap<String, Acknowledged>| {
        let basis = PlanBasis {
            target: "crm",
            config: &config,
            fields: &fields,
            current: records.clone(),
            acknowledged,
            run: "out",
            made_at: "t",
            writes_whole_records: false,
            allows_large_changes: false,
        };
        Plan::make(&wanted, basis).expect("a plan").deals[0].step
    };
    assert_eq!((step(&known), step(&none)), (PlanStep::Unchanged, PlanStep::Write));
}

#[test]
fn what_goes_along_is_no_reason_to_write_and_goes_along() {
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let mut wanted = wanted(1);
    wanted.deals.get_mut("d00").expect("a deal").insert(ScoreField::ScoredAt, text("2026-01-05"));
    let mut fields = fields();
    fields.push(TargetField { of: ScoreField::ScoredAt, name: "at".to_owned(), kind: TargetKind::Date });
    let config = config("");
    for (held, step) in [(0.5, PlanStep::Unchanged), (0.3, PlanStep::Write)] {
        let mut record = number(held);
        record.insert("at".to_owned(), text("2026-01-04"));
        let (records, known) = (BTreeMap::from([("d00".to_owned(), record)]), BTreeMap::new());
        let basis = PlanBasis {
            target: "crm",
            config: &config,
            fields: &fields,
            current: records.clone(),
            acknowledged: &known,
            run: "out",
            made_at: "t",
            writes_whole_records: false,
            allows_large_changes: false,
        };
        let deal = &Plan::make(&wanted, basis).expect("a plan").deals[0];
        assert_eq!(deal.step, step);
        let expected = if step == PlanStep::Write { 2 } else { 0 };
        assert_eq!(deal.new.len(), expected, "{:?}", deal.new);
    }
}

#[test]
fn a_plan_that_changes_much_is_refused_until_somebody_looked() {
    let (config, fields, wanted) = (config("max_large_share = 0.2"), fields(), wanted(30));
    let records: BTreeMap<String, FieldValues> = Memory::new(30, 0.1).records;
    let known = BTreeMap::new();
    let make = |allows_large_changes| {
        let basis = PlanBasis {
            target: "crm",
            config: &config,
            fields: &fields,
            current: records.clone(),
            acknowledged: &known,
            run: "out",
            made_at: "t",
            writes_whole_records: false,
            allows_large_changes,
        };
        Plan::make(&wanted, basis)
    };
    let refused = make(false).expect_err("refused");
    assert!(matches!(refused, PushError::LargeChanges { large: 30, compared: 30, .. }), "{refused}");
    assert_eq!(make(true).expect("a plan").deals.len(), 30);
}

#[test]
fn a_plan_reads_back_and_two_moments_make_two_plans() {
    let records = Memory::new(3, 0.1).records;
    let made = plan(&wanted(3), &records, &config(""));
    assert_eq!(Plan::read(Some(&text(&made)), "crm", &config("")).expect("reads"), made);
    assert!(matches!(Plan::read(None, "crm", &config("")), Err(PushError::NoPlan { .. })));
    assert!(matches!(Plan::read(Some(&text(&made)), "other", &config("")), Err(PushError::NoPlan { .. })));
    assert!(made.id.starts_with("2026-01-05-"));
    let lines: Vec<String> = text(&made).lines().map(str::to_owned).collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("{\"deal\":")).count(), 3, "a line per deal: {lines:?}");
}

#[test]
fn a_plan_is_for_the_server_and_the_fields_it_was_made_for() {
    let text = text(&plan(&wanted(3), &Memory::new(3, 0.1).records, &config("")));
    let mut elsewhere = config("");
    elsewhere.url = Some("http://127.0.0.1:81".to_owned());
    let mut into_another = config("");
    into_another.fields.insert(ScoreField::Probability, "v".to_owned());
    for other in [elsewhere, into_another] {
        let refused = Plan::read(Some(&text), "crm", &other).expect_err("another target");
        assert!(refused.to_string().contains("another target or other fields"), "{refused}");
    }
    assert!(Plan::read(Some(&text), "crm", &config("epsilon = 0.1")).is_ok(), "how it is written may change");
}

#[test]
fn a_number_that_was_never_filled_is_no_large_change_and_a_zero_of_ours_is() {
    let (config, fields, wanted) = (config("max_large_share = 0.2"), fields(), wanted(30));
    let records = Memory::new(30, 0.0).records;
    let ours = |deal: &String| (deal.clone(), Acknowledged::new(&number(0.0), &number(0.0)));
    let (never, known) = (BTreeMap::new(), records.keys().map(ours).collect());
    let make = |acknowledged| {
        let basis = PlanBasis {
            target: "crm",
            config: &config,
            fields: &fields,
            current: records.clone(),
            acknowledged,
            run: "out",
            made_at: "t",
            writes_whole_records: false,
            allows_large_changes: false,
        };
        Plan::make(&wanted, basis)
    };
    assert_eq!(make(&never).expect("a plan").deals[0].changed, ["w"]);
    assert!(matches!(make(&known), Err(PushError::LargeChanges { large: 30, .. })));
}
