//! Every kind of dirty cell that `dealcast help dirty` lists, one test per row of its table.

use dealcast::config::Rule;
use dealcast::ingest::Loaded;

use super::world::{World, amounts_minor, moments, names, probabilities, rejects};

/// A deals table with this further column.
fn column(name: &str, cells: &[&str]) -> World {
    let rows = cells.iter().enumerate().map(|(i, cell)| format!("{i}\tTalks\t2025-01-02\t{cell}\n"));
    World::deals(format!("deal_id\tstage\tcreated_at\t{name}\n{}", rows.collect::<String>()))
}

fn amounts(cells: &[&str]) -> Vec<Option<i64>> {
    amounts_minor(&column("amount", cells).loaded())
}

fn created(cells: &[&str], config: &str) -> Vec<String> {
    let rows = cells.iter().enumerate().map(|(i, cell)| format!("{i}\tTalks\t{cell}\n"));
    let world = World::deals(format!("deal_id\tstage\tcreated_at\n{}", rows.collect::<String>()));
    moments(&world.configured(config).loaded(), "created_at")
}

fn days(cells: &[&str]) -> Vec<String> {
    created(cells, "").into_iter().map(|at| at[..10].to_owned()).collect()
}

fn assumed(loaded: &Loaded) -> String {
    loaded.inputs.iter().flat_map(|input| &input.assumed).map(|one| format!("{} [{}]\n", one.what, one.key)).collect()
}

#[test]
fn decimal_comma() {
    let world = column("amount", &["1.234", "12,50", "1.234.567,89"]);
    assert_eq!(amounts_minor(&world.loaded()), [123_400, 1_250, 123_456_789].map(Some));
    assert!(assumed(&world.loaded()).contains("amount with a decimal comma (\"12,50\" on line 3) [decimal_mark]"));
    let (message, hint) = column("amount", &["1.234"]).fault();
    assert!(message.contains("nothing in the column tells") && hint.contains("decimal_mark"), "{message}");
}

#[test]
fn marks_between_thousands() {
    let spaced = ["1'234'567.50", "1\u{2019}234.50", "1\u{a0}234.50", "1\u{202f}234.50", "1\u{2009}234.50", "1 234.50"];
    assert_eq!(amounts(&spaced)[1..], [Some(123_450); 5]);
    assert_eq!(amounts(&["1.234.567,00 \u{20ac}", "5"]), [Some(123_456_700), Some(500)]);
    let grouped = column("amount", &["1,234", "5,678"]).loaded();
    assert_eq!(amounts_minor(&grouped), [123_400, 567_800].map(Some));
    assert!(assumed(&grouped).contains("amount with a comma between thousands (\"1,234\" on line 2)"));
}

#[test]
fn grouping_in_lakhs() {
    assert_eq!(amounts(&["₹12,34,567.00", "₹ 45,678.50"]), [123_456_700, 4_567_850].map(Some));
}

#[test]
fn currencies_in_amounts() {
    let cells = ["$5", "5 €", "CHF 1'000.50", "1000 Euro", "R$ 7", "5,000円", "-110.70 PLN", "150.00|RUB"];
    let loaded = column("amount", &cells).loaded();
    assert_eq!(names(&loaded, "currency"), ["USD", "EUR", "CHF", "EUR", "BRL", "JPY", "PLN", "RUB"]);
    assert_eq!(amounts_minor(&loaded)[5], Some(5_000), "yen have no decimals");
    let (bytes, _, _) =
        encoding_rs::SHIFT_JIS.encode("deal_id,stage,created_at,amount\n1,受注,2025-01-02,\"\\5,000\"\n");
    assert_eq!(names(&World::deals(bytes).loaded(), "currency"), ["JPY"], "where the backslash is the sign of the yen");
}

#[test]
fn letters_beside_amounts() {
    let loaded = column("amount", &["R 1,200", "R500", "70"]).loaded();
    assert_eq!(amounts_minor(&loaded), [120_000, 50_000, 7_000].map(Some));
    assert_eq!(names(&loaded, "currency")[..2], ["ZAR", "ZAR"]);
    let most = "[rules]\nmax_reject_share = 0.9\n";
    let few = column("amount", &["R500", "A500", "70", "80", "90"]).configured(most).loaded();
    assert_eq!(amounts_minor(&few), [7_000, 8_000, 9_000].map(Some));
    assert_eq!(few.issues.count(Rule::BadAmount), 2);
    let other = column("amount", &["A500", "C500", "7"]).configured(most).loaded();
    assert_eq!(other.issues.count(Rule::BadAmount), 2);
}

#[test]
fn a_sign_of_several_currencies() {
    let loaded = column("amount", &["¥1,000", "¥2,000"]).loaded();
    assert_eq!(names(&loaded, "currency"), ["¥", "¥"], "not dollars");
    assert_eq!(loaded.issues.count(Rule::UnknownCurrency), 2);
    let named = column("amount", &["1 000 kr"]).configured("[money]\ndefault_currency = \"NOK\"").loaded();
    assert_eq!((names(&named, "currency")[0].as_str(), named.issues.count(Rule::UnknownCurrency)), ("NOK", 0));
}

#[test]
fn amounts_below_and_of_zero() {
    let cells = ["(2,000.50)", "5.00-", "-$5", "($5)", "(1,000.00) €", "\u{2212}7", "0", "$ -"];
    let loaded = column("amount", &cells).loaded();
    assert_eq!(amounts_minor(&loaded)[..7], [-200_050, -500, -500, -500, -100_000, -700, 0].map(Some));
    assert_eq!((amounts_minor(&loaded)[7], loaded.issues.count(Rule::NegativeAmount)), (None, 6));
}

#[test]
fn units_behind_amounts() {
    let cells = ["1.5 Mio. €", "2M", "95k", "12 TEUR", "3 k€", "7 млн", "1000万", "2 lakh"];
    let millions = [1_500_000, 2_000_000, 95_000, 12_000, 3_000, 7_000_000, 10_000_000, 200_000];
    assert_eq!(amounts(&cells), millions.map(|amount| Some(amount * 100)));
}

#[test]
fn numbers_with_an_exponent() {
    assert_eq!(amounts(&["1.5E+6", "2e3"]), [150_000_000, 200_000].map(Some));
}

#[test]
fn percent_or_share() {
    let of = |cells: &[&str]| column("probability", cells).loaded();
    assert_eq!(probabilities(&of(&["50", "7"])), [0.5, 0.07].map(Some));
    assert!(assumed(&of(&["50"])).contains("probability in percent (\"50\" on line 2) [probability_scale]"));
    assert_eq!(probabilities(&of(&["0.5", "1"])), [0.5, 1.0].map(Some));
    assert_eq!(probabilities(&of(&["0.5%", "12.5 %", "%50"])), [0.005, 0.125, 0.5].map(Some));
}

#[test]
fn two_ways_in_one_column() {
    let (message, hint) = column("amount", &["1.234,50", "1,234.50"]).fault();
    assert!(message.contains("line 3 (a decimal dot)") && message.contains("line 2 (a decimal comma)"), "{message}");
    assert!(hint.contains("decimal_mark"), "{hint}");
    let (message, hint) = column("closed_at", &["31/01/2025", "01/31/2025"]).fault();
    assert!(message.contains("line 2 (day first)") && message.contains("line 3 (month first)"), "{message}");
    assert!(hint.contains("date_order"), "{hint}");
    let two_scales = column("probability", &["50", "0.5"]);
    let (message, hint) = two_scales.fault();
    assert!(
        message.contains("deals.csv line 3: `probability` is \"0.5\", a share of 1, where \"50\" on deals.csv line 2"),
        "{message}"
    );
    assert!(hint.contains("mixed_percent"), "{hint}");
    let percent = two_scales.configured("[sources.deals]\nprobability_scale = \"percent\"").loaded();
    assert_eq!(probabilities(&percent), [0.5, 0.005].map(Some));
    let share =
        column("probability", &["50%", "0.5"]).configured("[sources.deals]\nprobability_scale = \"share\"").loaded();
    assert_eq!(probabilities(&share), [0.5, 0.5].map(Some));
}

#[test]
fn day_or_month_first() {
    assert_eq!(days(&["03/04/2025", "31/12/2025"]), ["2025-04-03", "2025-12-31"]);
    assert_eq!(days(&["03/04/2025", "12/31/2025"]), ["2025-03-04", "2025-12-31"]);
    assert_eq!(days(&["03.04.2025", "04.05.2025"]), ["2025-04-03", "2025-05-04"], "dots are day first");
    assert_eq!(days(&["03.04.2025", "12.31.2025"]), ["2025-03-04", "2025-12-31"], "unless a date proves otherwise");
    let (message, hint) = column("closed_at", &["03/04/2025"]).fault();
    assert!(message.contains("nothing in the column tells day from month") && hint.contains("date_order"), "{message}");
}

#[test]
fn names_of_months() {
    let cells = [
        "4 March 2025",
        "Mar 4, 2025",
        "March 4th, 2025",
        "Tue, 04 Mar 2025",
        "4. März 2025",
        "4 mars 2025",
        "mar. 4 mars 2025",
        "4 de marzo de 2025",
        "4 marca 2025",
        "4 марта 2025 г.",
        "4 Mart 2025",
        "4-mrt-2025",
        "2025-Mar-04",
        "4 marzo 2025",
    ];
    assert_eq!(days(&cells), ["2025-03-04"; 14]);
    assert_eq!(days(&["1er mars 2025"]), ["2025-03-01"]);
}

#[test]
fn dates_of_east_asia() {
    let cells =
        ["2025年3月4日", "2025年03月04日 15:05", "2025. 3. 4.", "2025년 3월 4일", "2025/3/4 (火)", "２０２５/３/４"];
    assert_eq!(days(&cells), ["2025-03-04"; 6]);
}

#[test]
fn days_of_a_spreadsheet() {
    // date -u -d @$(( (45720-25569)*86400 )) +%F
    assert_eq!(
        created(&["45720", "45720.75", "45720,5"], ""),
        ["2025-03-04 00:00:00", "2025-03-04 18:00:00", "2025-03-04 12:00:00"]
    );
    assert_eq!(
        created(&["20250304", "20250304T101500", "1741046400"], "")[1..],
        ["2025-03-04 10:15:00", "2025-03-04 00:00:00"]
    );
}

#[test]
fn twelve_hour_clocks() {
    let cells = [
        "2025-03-04 4:05 PM",
        "2025-03-04 4:05 p.m.",
        "2025-03-04 04:05 p.\u{a0}m.",
        "2025/3/4 下午4:05",
        "2025. 3. 4. 오후 4:05",
    ];
    assert_eq!(created(&cells, ""), ["2025-03-04 16:05:00"; 5]);
    assert_eq!(
        created(&["2025-03-04 12:05 AM", "04.03.2025 16.50", "04.03.2025, 16:50 Uhr"], ""),
        ["2025-03-04 00:05:00", "2025-03-04 16:50:00", "2025-03-04 16:50:00"]
    );
}

const BERLIN: &str = "[calendar]\ntime_zone = \"Europe/Berlin\"";

#[test]
fn zones() {
    let cells = [
        "2025-07-01T23:30:00Z",
        "2025-07-01 23:30 UTC",
        "2025-07-02 01:30 CEST",
        "2025-07-01 18:30:00 GMT-5",
        "2025-07-01T23:30:00+00:00[UTC]",
        "Tue Jul 01 23:30:00 UTC 2025",
        "2025-07-02 01:30",
    ];
    assert_eq!(created(&cells, BERLIN), ["2025-07-02 01:30:00"; 7]);
}

#[test]
fn the_hour_that_comes_twice_and_the_one_that_is_missing() {
    // On 2025-10-26 the clock goes from 03:00 back to 02:00, at 01:00 UTC.
    let twice = created(&["2025-10-26T00:30:00Z", "2025-10-26T01:15:00Z", "2025-10-26T02:00:00Z"], BERLIN);
    assert!(twice.is_sorted(), "what happened later stays later: {twice:?}");
    assert_eq!((twice[0].as_str(), twice[2].as_str()), ("2025-10-26 02:30:00", "2025-10-26 03:00:00"));
    assert_eq!(twice[1], "2025-10-26 02:59:59");
    // On 2025-03-30 there is no 02:30: a time written so stays as it is.
    assert_eq!(
        created(&["2025-03-30 02:30", "2025-03-30T01:30:00Z"], BERLIN),
        ["2025-03-30 02:30:00", "2025-03-30 03:30:00"]
    );
}

#[test]
fn dates_that_were_never_set() {
    let cells = ["0000-00-00", "00/00/0000", "0", "1900-01-00", "never", ""];
    assert_eq!(moments(&column("closed_at", &cells).loaded(), "closed_at"), [""; 6]);
}

#[test]
fn words_for_nothing() {
    let cells =
        ["None", "k.A.", "s/o", "sin fecha", "нет", "なし", "无", "N/D", "?", "(null)", "#REF!", "<NA>", "--None--"];
    let loaded = column("closed_at", &cells).loaded();
    assert_eq!((moments(&loaded, "closed_at"), loaded.issues.rejects()), (vec![String::new(); 13], 0));
    assert_eq!(amounts(&["none", "n/a", "unbekannt", "5"]), [None, None, None, Some(500)]);
    let own = column("Colour", &["none", "NULL", "n/a"]).loaded();
    assert_eq!(names(&own, "Colour"), ["none", "", ""], "a word may be a value of a column of words");
    let named = column("Colour", &["keins", "red"]).configured("[sources.deals]\nnull_values = [\"keins\"]").loaded();
    assert_eq!(names(&named, "Colour"), ["", "red"]);
    assert_eq!(column("closed_at", &["soon", "", ""]).loaded().issues.count(Rule::BadDate), 1);
}

#[test]
fn yes_and_no() {
    let gone = |word: &str| {
        let settings = "[sources.deals]\npath = \"deals_*.csv\"\ncopies = \"changes\"\n";
        let header = "deal_id,stage,created_at,gone\n";
        let world = World::empty().configured(settings);
        let world = world.with("deals_2026-01-05.csv", format!("{header}1,Talks,2025-12-01,\n"));
        world.with("deals_2026-01-12.csv", format!("{header}1,Talks,2025-12-01,{word}\n")).loaded().tables.gone.len()
    };
    assert_eq!(["yes", "ja", "TRUE", "1", "да", "2026-01-11"].map(gone), [1; 6]);
    assert_eq!(["no", "nein", "false", "0", "нет", ""].map(gone), [0; 6]);
}

#[test]
fn text_escaped_for_the_web() {
    let loaded = column("owner", &["M&uuml;ller &amp; S&ouml;hne", "O&#039;Brien", "R&D; x"]).loaded();
    assert_eq!(names(&loaded, "owner"), ["Müller & Söhne", "O'Brien", "R&D; x"]);
}

#[test]
fn signs_nobody_sees() {
    assert_eq!(names(&column("owner", &["\u{200b}Ann\u{feff}", "Ann\u{a0}", " Ann"]).loaded(), "owner"), ["Ann"; 3]);
    assert_eq!(days(&["\u{200e}13/\u{200e}3/\u{200e}2025"]), ["2025-03-13"]);
}

/// Deals of these ids, and a change of each of the `others`.
fn joined(ids: &[&str], others: &[&str]) -> World {
    let deals: String = ids.iter().map(|id| format!("{id},Talks,2025-01-02\n")).collect();
    let log: String = others.iter().map(|id| format!("{id},2025-01-03,Talks\n")).collect();
    World::deals(format!("deal_id,stage,created_at\n{deals}"))
        .with("stage_history.csv", format!("deal_id,changed_at,stage\n{log}"))
}

#[test]
fn leading_zeros() {
    let loaded = joined(&["007", "7"], &["007", "7"]).loaded();
    assert_eq!((loaded.tables.deals.ids(), loaded.tables.changes.len()), (vec!["007", "7"], 2));
    let (message, _) = joined(&["00042"], &["42"]).fault();
    assert!(message.contains("expected the id of a deal in the deals table, which has \"00042\""), "{message}");
    // one of several was told as if it were the only one
    let (message, _) = joined(&["007", "7"], &["0007"]).fault();
    assert!(message.contains("which has several like it, such as \"007\" and \"7\""), "{message}");
}

#[test]
fn ids_of_15_and_18_characters() {
    assert_eq!(joined(&["00570000001ZwTi"], &["00570000001ZwTiAAK"]).loaded().tables.changes.len(), 1);
    assert_eq!(joined(&["00570000001ZwTiAAK"], &["00570000001ZwTi"]).loaded().tables.changes.len(), 1);
}

#[test]
fn ids_of_spreadsheets() {
    let loaded = joined(&["=\"00042\"", "7"], &["00042", "7.0"]).loaded();
    assert_eq!((loaded.tables.deals.ids(), loaded.tables.changes.len()), (vec!["00042", "7"], 2));
}

#[test]
fn ids_in_exponent_form() {
    let rows: String = (0..40).map(|i| format!("{i},Talks,2025-01-02\n")).collect();
    let loaded = World::deals(format!("deal_id,stage,created_at\n{rows}1.23457E+11,Talks,2025-01-02\n")).loaded();
    assert_eq!(rejects(&loaded), [(42, "deal_id".into(), "1.23457E+11".into(), "shortened_id".into())]);
}
