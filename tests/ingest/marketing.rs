//! Leads, touches and campaigns: what a lead became, whom a touch reached, where a deal came from.

use dealcast::config::RuleSeverity;
use dealcast::domain::day::Moment;
use dealcast::domain::ids::RowIx;
use dealcast::domain::maybe::Maybe;
use dealcast::ingest::Loaded;
use dealcast::ingest::tables::LeadEnd;

use super::world::{World, moment, names, rejects};

const DEALS: &str =
    "deal_id,stage,created_at,source\nd1,Open,2025-03-01,Web\nd2,Open,2025-03-02,\nd3,Open,2025-03-03,\n";

fn world() -> World {
    World::deals(DEALS).with(
        "leads.csv",
        "lead_id,created_at,deal_id,status,converted_at,closed_at,owner,source,campaign\n\
         L1,2025-01-05,d1,Qualified,2025-03-01,,ann,Fair,\n\
         L2,2025-01-06,d2,Converted,,,ann,Fair,Spring\n\
         L3,2025-01-04,d2,,,,bob,Mail,\n\
         L4,2025-01-07,,Closed - Not Converted,,2025-02-01,,Fair,\n\
         L5,2025-01-07,,Converted,2025-02-03,,,Fair,\n\
         L6,2025-01-07,,Working - Contacted,,,,Fair,\n\
         L7,2025-01-08,d9,,,,,Fair,\n\
         L8,2025-03-09,d3,,,,,Late,\n\
         L1,2025-01-09,,,,,,Twice,\n\
         L9,,,,,,,Fair,\n\
         L10,2025-01-09,,Junk,,2025-01-03,,Fair,\n\
         L11,2025-01-09,,Junk,,,,Fair,\n\
         L12,2025-01-09,,Verloren,,,,Fair,\n",
    )
    .configured("[rules]\nmax_reject_share = 0.5\n[sources.deals]\npath=\"deals.csv\"\n[sources.leads]\npath=\"leads.csv\"\n")
}

fn ends(loaded: &Loaded) -> Vec<(&str, LeadEnd, Option<Moment>)> {
    let leads = &loaded.tables.leads;
    let ended = |i: usize| leads.ended[i].get();
    (0..leads.len()).map(|i| (leads.ids[i].as_str(), leads.end[i], ended(i))).collect()
}

#[test]
fn a_lead_is_what_it_became() {
    let loaded = world().loaded();
    let day = |text| Some(moment(&format!("{text}T00:00:00")));
    use LeadEnd::{Converted, Disqualified, Open};
    let expected = [
        ("L1", Converted, day("2025-03-01")),
        ("L11", Disqualified, None),
        ("L12", Open, None),
        ("L2", Converted, day("2025-03-02")),
        ("L3", Converted, day("2025-03-02")),
        ("L4", Disqualified, day("2025-02-01")),
        ("L5", Converted, day("2025-02-03")),
        ("L6", Open, None),
        ("L7", Converted, None),
        ("L8", Converted, day("2025-03-09")),
    ];
    assert_eq!(ends(&loaded), expected);
    let of = |row: usize| Maybe::from(RowIx::at(row));
    let none = Maybe::NONE;
    assert_eq!(loaded.tables.leads.deal, [of(0), none, none, of(1), of(1), none, none, none, none, of(2)]);
    let owners: Vec<_> = loaded.tables.leads.owner.iter().map(|&code| loaded.tables.owners.name(code)).collect();
    assert_eq!([0, 3, 4, 5].map(|row: usize| owners[row]), [Some("ann"), Some("ann"), Some("bob"), None]);
    let rules: Vec<(u64, String)> = rejects(&loaded).into_iter().map(|reject| (reject.0, reject.3)).collect();
    let rule = |line: u64, rule: &str| (line, rule.to_owned());
    assert_eq!(rules, [rule(11, "missing_value"), rule(12, "closed_before_created"), rule(10, "duplicate_id")]);
    let warned: Vec<&str> = loaded
        .issues
        .iter()
        .filter(|issue| issue.severity == RuleSeverity::Warn)
        .map(|issue| issue.rule.name())
        .collect();
    assert_eq!(warned, ["lost_without_close_date", "lead_of_unknown_deal", "unknown_lead_status", "lead_after_deal"]);
}

#[test]
fn a_deal_without_a_source_takes_that_of_its_first_lead() {
    let loaded = world().loaded();
    // d1 has one of its own; of the two leads of d2 L3 came first; the lead of d3 came after it.
    assert_eq!(names(&loaded, "source"), ["Web", "Mail", ""]);
    // L3 names no campaign, and no other lead speaks for it.
    assert!(loaded.tables.deals.campaign().is_none());
    let nobody = World::deals("deal_id,stage,created_at\nd1,Open,2025-03-01\n");
    let loaded =
        nobody.with("leads.csv", "lead_id,created_at,deal_id,source,campaign\nL,2025-02-01,d1,Web,Spring\n").loaded();
    assert_eq!(
        (names(&loaded, "source"), names(&loaded, "campaign")),
        (vec!["Web".to_owned()], vec!["Spring".to_owned()])
    );
}

#[test]
fn without_deal_ids_the_status_tells() {
    let loaded = World::deals(DEALS)
        .with(
            "leads.csv",
            "lead_id,created_at,status,converted_at\na,2025-01-05,Converted,\nb,2025-01-05,,2025-01-09\nc,2025-01-05,Lost,\n",
        )
        .loaded();
    let ends: Vec<LeadEnd> = ends(&loaded).into_iter().map(|end| end.1).collect();
    assert_eq!(ends, [LeadEnd::Converted, LeadEnd::Converted, LeadEnd::Disqualified]);
}

#[test]
fn a_touch_reaches_a_deal_by_its_id_or_its_leads() {
    let loaded = World::deals(DEALS)
        .with("leads.csv", "lead_id,created_at,deal_id\nL1,2025-01-05,d1\nL2,2025-01-05,\n")
        .with(
            "touches.csv",
            "touched_at,source,deal_id,lead_id,campaign\n\
             2025-01-06,Web,d2,,Spring\n2025-01-07,Web,,L1,\n2025-01-08,Fair,,L2,\n2025-01-09,Mail,d7,L1,\n\
             2025-01-09,Mail,d7,,\n2025-01-09,Mail,,,\n,Mail,d1,,\nnever,Mail,d1,,\n2025-01-09,,d1,,\n",
        )
        .configured("[rules]\nmax_reject_share = 0.6\n[sources.deals]\npath=\"deals.csv\"\n[sources.leads]\npath=\"leads.csv\"\n[sources.touches]\npath=\"touches.csv\"\n")
        .loaded();
    let touches = &loaded.tables.touches;
    assert_eq!(touches.deal, [Some(1), Some(0), None, Some(0)].map(|row| Maybe::from(row.map(RowIx::at))));
    let sources: Vec<_> = touches.source.iter().map(|&code| loaded.tables.sources.name(code)).collect();
    assert_eq!(sources, [Some("Web"), Some("Web"), Some("Fair"), Some("Mail")]);
    let rules: Vec<String> = rejects(&loaded).into_iter().map(|reject| reject.3).collect();
    assert_eq!(rules, ["touch_of_nobody", "missing_id", "missing_value", "bad_date", "missing_value"]);
    // The newest event is a deal here; touches may be planned and are none.
    assert_eq!(loaded.tables.day_after_newest_event().map(|day| day.to_string()).as_deref(), Some("2025-03-04"));
}
