//! Dated copies of the deals table: what differs between them is history.

use dealcast::config::{Config, Rule};
use dealcast::domain::day::Day;
use dealcast::domain::stage::StageKind;
use dealcast::ingest::Loaded;
use dealcast::timeline::Timeline;
use proptest::prelude::*;

use super::world::{World, amounts_minor, moments, names, rejects};

const HEADER: &str = "deal_id,stage,created_at,amount,status,tier\n";

/// The deals of three Mondays. d1 moves and is won, d2 changes its amount and tier, d3 appears, d4 vanishes, d5 was closed before.
const MONDAYS: [(&str, &str); 3] = [
    (
        "2026-01-05",
        "d1,New,2025-12-01,100,open,A\nd2,New,2025-12-02,50,open,A\nd4,Talks,2025-12-04,10,open,A\nd5,Talks,2025-11-01,7,lost,B\n",
    ),
    (
        "2026-01-12",
        "d1,Talks,2025-12-01,100,open,A\nd2,New,2025-12-02,80,open,B\nd3,New,2026-01-12T09:30,30,open,A\nd5,Talks,2025-11-01,7,lost,B\n",
    ),
    (
        "2026-01-19",
        "d1,Talks,2025-12-01,100,won,A\nd2,New,2025-12-02,80,open,B\nd3,New,2026-01-12T09:30,30,open,A\nd5,Talks,2025-11-01,7,lost,B\n",
    ),
];

fn copies(mondays: &[(&str, &str)], more: &str) -> World {
    let settings = format!("[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"whole\"\n{more}");
    let empty = World::empty().configured(&settings);
    mondays.iter().fold(empty, |world, (day, rows)| world.with(&format!("deals_{day}.csv"), format!("{HEADER}{rows}")))
}

/// Stage and amount changes by deal and day.
fn changes(loaded: &Loaded) -> Vec<(String, String, Option<String>, Option<i64>)> {
    let (tables, changes) = (&loaded.tables, &loaded.tables.changes);
    let mut told: Vec<_> = (0..changes.len())
        .map(|i| changes.get(i))
        .map(|change| {
            let id = tables.deals.id(change.deal).expect("an id").to_owned();
            let stage = tables.stage_names.name(change.stage).map(str::to_owned);
            (id, change.at.day().to_string(), stage, change.amount_minor.get())
        })
        .collect();
    told.sort();
    told
}

fn change(
    id: &str,
    day: &str,
    stage: Option<&str>,
    amount: Option<i64>,
) -> (String, String, Option<String>, Option<i64>) {
    (id.to_owned(), day.to_owned(), stage.map(str::to_owned), amount)
}

#[test]
fn the_newest_row_counts_and_differences_are_history() {
    let loaded = copies(&MONDAYS, "").loaded();
    // d4, which vanished, stands as the first copy has it
    assert_eq!(names(&loaded, "stage"), ["Talks", "New", "New", "Talks", "Talks"]);
    assert_eq!(amounts_minor(&loaded), [Some(10_000), Some(8_000), Some(3_000), Some(1_000), Some(700)]);
    let expected = [
        change("d1", "2026-01-05", Some("New"), Some(10_000)),
        change("d1", "2026-01-12", Some("Talks"), None),
        change("d2", "2026-01-05", Some("New"), Some(5_000)),
        change("d2", "2026-01-12", None, Some(8_000)),
        change("d3", "2026-01-12", Some("New"), Some(3_000)),
        change("d4", "2026-01-05", Some("Talks"), Some(1_000)),
        change("d5", "2026-01-05", Some("Talks"), Some(700)),
    ];
    assert_eq!(changes(&loaded), expected);
    // a column of the team's own, which changed once, has a history of all deals
    let fields = &loaded.tables.field_changes;
    let tiers = fields.rows.iter().map(|row| (row.deal.index(), fields.values.name(row.value).unwrap_or_default()));
    let mut tiers: Vec<_> = tiers.collect();
    tiers.sort_unstable();
    assert_eq!(tiers, [(0, "A"), (1, "A"), (1, "B"), (2, "A"), (3, "A"), (4, "B")]);
}

#[test]
fn a_deal_closes_on_the_day_of_the_copy_that_first_shows_it_closed() {
    let loaded = copies(&MONDAYS, "").loaded();
    // d5 was lost before the first copy: on no known day
    assert_eq!(moments(&loaded, "closed_at"), ["2026-01-19 00:00:00", "", "", "", ""]);
    assert_eq!(loaded.tables.day_after_newest_event(), Day::from_ymd(2026, 1, 20));
}

#[test]
fn a_deal_that_vanished_counts_until_then_and_is_named() {
    let loaded = copies(&MONDAYS, "").loaded();
    assert_eq!((loaded.issues.rejects(), loaded.issues.count(Rule::VanishedDeal)), (0, 1));
    let gone: Vec<_> = loaded.tables.gone.iter().map(|(row, day)| (loaded.tables.deals.id(*row), *day)).collect();
    assert_eq!(gone, [(Some("d4"), Day::from_ymd(2026, 1, 12).expect("a day"))]);
    let loaded = copies(&MONDAYS, "[rules.severity]\nvanished_deal = \"reject\"\n").loaded();
    let vanished = (4, "deal_id".to_owned(), "d4".to_owned(), "vanished_deal".to_owned());
    assert_eq!(rejects(&loaded), [vanished]);
    assert_eq!(names(&loaded, "stage").len(), 4);
    let loaded = copies(&MONDAYS, "vanished = { talks = \"lost\", \"*\" = \"won\" }\n").loaded();
    assert_eq!(loaded.issues.rejects(), 0);
    assert_eq!(loaded.tables.deals.statuses()[3], Some(StageKind::Lost));
    assert_eq!(moments(&loaded, "closed_at")[3], "2026-01-12 00:00:00");
}

/// A deal that a CRM gave another id on the day of the second copy.
#[test]
fn a_deal_under_a_new_id_is_named_with_it_and_can_be_made_one() {
    let header = "deal_id,stage,created_at,name\n";
    let world = |more: &str| {
        World::empty()
            .configured(&format!("[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"whole\"\n{more}"))
            .with("deals_2026-01-05.csv", format!("{header}old,Talks,2025-12-01,Acme\nx,Talks,2025-12-01,Other\n"))
            .with("deals_2026-01-12.csv", format!("{header}new,Offer,2025-12-01,Acme\nx,Talks,2025-12-01,Other\n"))
    };
    let loaded = world("").loaded();
    let told = loaded.issues.iter().find(|issue| issue.rule == Rule::VanishedDeal).expect("told");
    assert!(told.examples[0].reason.contains("values.deal_id = { \"old\" = \"new\" } makes them one"), "{told:?}");
    // all of them at once, where only a few issues are shown
    let told: String = loaded.inputs.iter().flat_map(|input| &input.assumed).map(|one| one.what.clone()).collect();
    assert!(
        told.contains("1 deal under a new id: values.deal_id = { \"old\" = \"new\" } makes each pair one"),
        "{told}"
    );
    let one = world("values.deal_id = { old = \"new\" }\n").loaded();
    assert_eq!((one.tables.gone.len(), changes(&one).iter().filter(|row| row.0 == "new").count()), (0, 2));
}

#[test]
fn a_stage_renamed_between_two_copies_is_named() {
    let rows = |stage: &str| (0..4).map(|i| format!("d{i},{stage},2025-12-01,5,open,A\n")).collect::<String>();
    let (old, new) = (rows("Offer"), rows("Angebot"));
    let world = |more: &str| copies(&[("2026-01-05", old.as_str()), ("2026-01-12", new.as_str())], more);
    let told: String =
        world("").loaded().inputs.iter().flat_map(|input| &input.assumed).map(|one| one.what.clone()).collect();
    assert!(told.contains("values.stage = { \"Offer\" = \"Angebot\" } makes them one"), "{told}");
    let one = world("values.stage = { Offer = \"Angebot\" }\n").loaded();
    assert_eq!(changes(&one).len(), 4, "no deal moves");
}

#[test]
fn an_empty_copy_ends_no_deal_and_is_told() {
    let empty = [MONDAYS[0], ("2026-01-08", ""), MONDAYS[1], MONDAYS[2]];
    let loaded = copies(&empty, "").loaded();
    assert_eq!(loaded.issues.count(Rule::EmptyCopy), 1);
    assert_eq!(changes(&loaded), changes(&copies(&MONDAYS, "").loaded()));
    assert_eq!(loaded.tables.gone.len(), 1, "d4, as without the empty copy");
    let (message, _) = copies(&empty, "[rules.severity]\nempty_copy = \"error\"\n").fault();
    assert!(message.contains("deals_2026-01-08.csv") && message.contains("it holds no deal"), "{message}");
}

#[test]
fn an_emptied_cell_goes_on_counting_and_is_told() {
    let mut emptied = MONDAYS;
    let rows = MONDAYS[1].1.replace("d2,New,2025-12-02,80", "d2,New,2025-12-02,");
    (emptied[1].1, emptied[2].1) = (&rows, &rows);
    let loaded = copies(&emptied, "").loaded();
    assert_eq!(loaded.issues.count(Rule::EmptiedCell), 1);
    let amounts: Vec<_> = changes(&loaded).into_iter().filter(|row| row.0 == "d2").map(|row| row.3).collect();
    assert_eq!(amounts, [Some(5_000)], "no row takes it back");
}

#[test]
fn a_copy_that_was_cut_off_does_not_end_half_the_pipeline() {
    let mut cut = MONDAYS;
    cut[2].1 = "d1,Talks,2025-12-01,100,open,A\n";
    let (message, hint) = copies(&cut, "").fault();
    assert!(message.contains("deals_2026-01-19.csv line 2"), "{message}");
    assert!(message.contains("holds 1 deals and the one of 2026-01-12 4"), "{message}");
    assert!(hint.contains("rules.severity.shrunken_copy"), "{hint}");
    assert_eq!(
        copies(&cut, "[rules.severity]\nshrunken_copy = \"warn\"\n").loaded().issues.count(Rule::ShrunkenCopy),
        1
    );
}

#[test]
fn the_day_of_a_copy_may_stand_in_a_column() {
    let rows = |(day, rows): &(&str, &str)| rows.lines().map(|row| format!("{row},{day}\n")).collect::<String>();
    let text = format!("{},Copied At\n{}", HEADER.trim_end(), MONDAYS.iter().map(rows).collect::<String>());
    let one_file = World::deals(text).loaded();
    assert_eq!(changes(&one_file), changes(&copies(&MONDAYS, "").loaded()));
}

#[test]
fn a_file_without_a_day_is_an_error_with_the_remedy() {
    let (message, hint) = copies(&MONDAYS, "").with("deals_new.csv", format!("{HEADER}{}", MONDAYS[0].1)).fault();
    assert!(message.contains("sources.deals.copies"), "{message}");
    assert!(message.contains("deals_new.csv"), "{message}");
    assert!(hint.contains("copied_at"), "{hint}");
}

#[test]
fn a_row_that_is_rejected_ends_no_deal_and_a_deleted_one_does() {
    let mut spoilt = MONDAYS;
    let last =
        MONDAYS[2].1.replace("d2,New,2025-12-02,80", "d2,New,2025-12-02,eighty").replace("30,open", "30,Deleted");
    spoilt[2].1 = &last;
    let loaded = copies(&spoilt, "vanished = { \"*\" = \"lost\" }\n[rules]\nmax_reject_share = 1.0\n").loaded();
    // d1 won, d2 as it stood before, d3 deleted and so lost as configured, d4 vanished, d5 lost
    let kinds = loaded.tables.deals.statuses();
    assert_eq!((kinds[1], kinds[2]), (Some(StageKind::Open), Some(StageKind::Lost)));
    assert_eq!(moments(&loaded, "closed_at")[2], "2026-01-19 00:00:00");
}

#[test]
fn a_deal_with_a_rejected_row_is_gone_from_the_first_copy_after_it() {
    let other = "d2,New,2025-12-02,50,open,A\n";
    let (first, second) =
        (format!("d1,New,2025-12-01,100,open,A\n{other}"), format!("d1,New,2025-12-01,hundred,open,A\n{other}"));
    let mondays = [("2026-01-05", &*first), ("2026-01-12", &*second), ("2026-01-19", other)];
    let rules = "[rules]\nmax_reject_share = 1.0\n";
    let gone = |mondays: &[(&str, &str)]| {
        let loaded = copies(mondays, rules).loaded();
        let gone = loaded.tables.gone.iter();
        gone.map(|(row, day)| (loaded.tables.deals.id(*row).unwrap_or_default().to_owned(), *day)).collect::<Vec<_>>()
    };
    assert_eq!(gone(&mondays), [("d1".to_owned(), Day::from_ymd(2026, 1, 19).expect("a day"))]);
    // where the rejected row is the last there is, the deal is there
    assert_eq!(gone(&mondays[..2]), []);
}

#[test]
fn a_closing_day_between_two_copies_dates_the_move() {
    let header = "deal_id,stage,created_at,closed_at,amount,currency\n";
    let settings = "[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"whole\"\n";
    let loaded = World::empty()
        .configured(settings)
        .with("deals_2026-01-05.csv", format!("{header}d1,Talks,2025-12-01,,80,USD\n"))
        .with("deals_2026-01-12.csv", format!("{header}d1,Won,2025-12-01,2026-01-08,80,JPY\n"))
        .loaded();
    let expected = [
        change("d1", "2026-01-05", Some("Talks"), Some(8_000)),
        change("d1", "2026-01-08", Some("Won"), None),
        change("d1", "2026-01-12", None, Some(80)),
    ];
    assert_eq!(changes(&loaded), expected);
}

/// Before: it was won or lost on the day of the first copy, whatever its row said.
#[test]
fn a_deal_that_was_over_before_the_first_copy_closed_on_its_own_day() {
    let row = "deal_id,stage,created_at,closed_at,amount,currency\nd1,Won,2025-09-01,2025-11-03,80,USD\n";
    let loaded = World::empty()
        .configured("[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"whole\"\n")
        .with("deals_2026-01-05.csv", row)
        .with("deals_2026-01-12.csv", row)
        .loaded();
    assert_eq!(changes(&loaded), [change("d1", "2025-11-03", Some("Won"), Some(8_000))]);
}

#[test]
fn only_deals_have_copies() {
    let fault =
        dealcast::config::Config::parse("[sources.users]\npath = \"u.csv\"\ncopies = \"whole\"\n", "dealcast.toml");
    let fault = fault.expect_err("only deals have copies").to_string();
    assert!(fault.contains("sources.users.copies"), "{fault}");
}

#[test]
fn of_copies_that_hold_changes_alone_a_deal_is_gone_where_it_says_so() {
    let settings = "[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"changes\"\n";
    let header = HEADER.trim_end().to_owned() + ",gone\n";
    let world = World::empty()
        .configured(settings)
        .with(
            "deals_2026-01-05.csv",
            format!("{header}d1,New,2025-12-01,100,open,A,\nd4,Talks,2025-12-04,10,open,A,\n"),
        )
        .with("deals_2026-01-12.csv", format!("{header}d4,Talks,2025-12-04,10,open,A,yes\n"));
    let loaded = world.loaded();
    assert_eq!(names(&loaded, "stage"), ["New", "Talks"]);
    assert_eq!((loaded.issues.count(Rule::VanishedDeal), loaded.tables.gone.len()), (1, 1));
}

/// Before: the deal was open for ever, since the row that ends it could not be read.
#[test]
fn a_row_that_is_rejected_and_says_gone_ends_the_deal() {
    let header = HEADER.trim_end().to_owned() + ",gone\n";
    let world = World::empty()
        .configured("[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"changes\"\n[rules]\nmax_reject_share = 1.0\n")
        .with(
            "deals_2026-01-05.csv",
            format!("{header}d1,New,2025-12-01,100,open,A,\nd4,Talks,2025-12-04,10,open,A,\n"),
        )
        .with(
            "deals_2026-01-12.csv",
            format!("{header}d1,New,2025-12-01,hundred,open,A,\nd4,Talks,2025-12-04,ten,open,A,yes\n"),
        );
    let loaded = world.loaded();
    let gone: Vec<_> = loaded.tables.gone.iter().map(|(row, day)| (loaded.tables.deals.id(*row), *day)).collect();
    assert_eq!(gone, [(Some("d4"), Day::from_ymd(2026, 1, 12).expect("a day"))], "{}", loaded.issues.rejects());
}

/// Before: both that are gone were told to be the new one.
#[test]
fn a_new_id_is_told_of_one_deal_only() {
    let header = "deal_id,stage,created_at,name,amount\n";
    let told = |rows: &str| {
        let loaded = World::empty()
            .configured("[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"whole\"\n")
            .with("deals_2026-01-05.csv", format!("{header}a,Talks,2025-12-01,Acme,5\nb,Talks,2025-12-01,Acme,7\nx,Talks,2025-12-01,Other,1\ny,Talks,2025-12-01,More,1\n"))
            .with("deals_2026-01-12.csv", format!("{header}x,Talks,2025-12-01,Other,1\ny,Talks,2025-12-01,More,1\n{rows}"))
            .loaded();
        let told = loaded.issues.iter().find(|issue| issue.rule == Rule::VanishedDeal).expect("told");
        let mut reasons: Vec<String> =
            told.examples.iter().map(|example| format!("{}: {}", example.value, example.reason)).collect();
        reasons.sort();
        reasons
    };
    let one = told("new,Talks,2025-12-01,Acme,7\n");
    assert!(one[0].contains("deleted, merged") && one[1].contains("{ \"b\" = \"new\" }"), "{one:?}");
    let both = told("n1,Talks,2025-12-01,Acme,7\nn2,Talks,2025-12-01,Acme,5\n");
    assert!(both[0].contains("{ \"a\" = \"n2\" }") && both[1].contains("{ \"b\" = \"n1\" }"), "{both:?}");
    let either = told("new,Talks,2025-12-01,Acme,9\n");
    assert!(either.iter().all(|reason| reason.contains("deleted, merged")), "{either:?}");
}

/// Everything a past day knows of every deal: its end, and each step with its stage and amount.
fn seen_on(loaded: &Loaded, config: &Config, day: Day) -> Vec<String> {
    let timeline = Timeline::build(&loaded.tables, config, day).expect("a timeline");
    let told = timeline.deal_ids().map(|deal| {
        let head = timeline.head(deal);
        let steps = timeline.steps_of(deal).iter().map(|step| {
            let owner = loaded.tables.owners.name(step.owner);
            format!("{:?} {} {:?} {owner:?}", step.at, timeline.stages.name(step.stage), step.amount_minor.get())
        });
        let id = loaded.tables.deals.id(head.row);
        format!("{id:?} {:?} {:?} {}", head.kind, head.closed.get(), steps.collect::<Vec<_>>().join(", "))
    });
    told.collect()
}

/// What a deal looks like in a copy, if it is there.
type Look = Option<(usize, i64)>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Seen as of a past day, all copies say what the copies until then say: deals that vanish later are there.
    #[test]
    fn a_past_day_knows_what_the_copies_until_then_know(
        looks in prop::collection::vec((0..5usize, 1..6usize, prop::collection::vec((0..5usize, 1..4i64), 5)), 2..6)
    ) {
        let stages = ["A", "B", "C", "Won", "Lost"];
        let days = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"];
        // a deal is in the copies from the first to the one before the last
        let text = |copy: usize| looks.iter().enumerate().filter_map(|(i, (first, copies, deal))| {
            let (stage, amount) = deal[copy];
            let kind = ["open", "open", "open", "won", "lost"][stage];
            let is_there = (*first..first + copies).contains(&copy);
            is_there.then(|| format!("d{i},{},{},{amount},{kind},A\n", stages[stage], days[*first]))
        }).chain(["stays,A,2025-12-01,1,open,A\n".to_owned()]).collect::<String>();
        let texts: Vec<String> = (0..5).map(text).collect();
        let mondays: Vec<(&str, &str)> = days.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let listed = "[rules.severity]\nshrunken_copy = \"warn\"\n[[stages]]\nname = \"A\"\nkind = \"open\"\n[[stages]]\nname = \"B\"\n\
                      kind = \"open\"\n[[stages]]\nname = \"C\"\nkind = \"open\"\n[[stages]]\nname = \"Won\"\nkind = \"won\"\n[[stages]]\nname = \"Lost\"\nkind = \"lost\"\n";
        let all = copies(&mondays, listed);
        for known in 1..5 {
            let day = days[known].parse::<Day>().expect("a day");
            let until = copies(&mondays[..known], listed);
            prop_assert_eq!(seen_on(&all.loaded(), &all.config, day), seen_on(&until.loaded(), &until.config, day));
        }
    }

    /// Played forward, the changes of a deal give what every copy showed.
    #[test]
    fn the_history_gives_every_copy_back(looks in prop::collection::vec(prop::collection::vec((0..4usize, 1..4i64), 1..6), 1..5)) {
        let stages = ["A", "B", "C", "D"];
        let days = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"];
        let copies_made = looks.iter().map(Vec::len).max().unwrap_or(0);
        // a deal that is not looked at again stays as it is: none vanishes
        let look = |deal: &Vec<(usize, i64)>, copy: usize| -> Look { deal.get(copy).or(deal.last()).copied() };
        let text = |copy: usize| looks.iter().enumerate().filter_map(|(i, deal)| {
            let (stage, amount) = look(deal, copy)?;
            Some(format!("d{i},{},2025-12-01,{amount},open,A\n", stages[stage]))
        }).collect::<String>();
        let texts: Vec<String> = (0..copies_made).map(text).collect();
        let mondays: Vec<(&str, &str)> = days.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let told = changes(&copies(&mondays, "").loaded());
        for (i, deal) in looks.iter().enumerate() {
            let (mut stage, mut amount) = (None, None);
            for (copy, (day, _)) in mondays.iter().enumerate() {
                for (_, _, new_stage, new_amount) in told.iter().filter(|told| told.0 == format!("d{i}") && told.1 == *day) {
                    stage = new_stage.clone().or(stage);
                    amount = new_amount.or(amount);
                }
                let (expected, cents) = look(deal, copy).expect("a look");
                prop_assert_eq!(stage.as_deref(), Some(stages[expected]));
                prop_assert_eq!(amount, Some(cents * 100));
            }
        }
    }
}
