//! `dealcast report`: the page of a finished run has what the tables have, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::harness::{Desk, Table};

/// A world whose run is in `out`, and its page.
fn page(more: &str) -> (Desk, String) {
    let desk = Desk::with_world(200, 600);
    desk.nightly("--out out");
    desk.ok(&format!("report out --out page {more}"));
    let page = desk.read("page/report.html");
    (desk, page)
}

/// `1234567.5` as the page writes it: `1,234,568`.
fn whole(amount: &str) -> String {
    let rounded = format!("{:.0}", amount.parse::<f64>().expect("an amount"));
    let mut text = String::new();
    for (i, digit) in rounded.chars().rev().enumerate() {
        if i > 0 && i % 3 == 0 && digit != '-' {
            text.insert(0, ',');
        }
        text.insert(0, digit);
    }
    text
}

#[test]
fn the_page_shows_the_tables_numbers_and_asks_for_nothing() {
    let (desk, page) = page("");
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let told: serde_json::Value = serde_json::from_str(&desk.read("out/findings.json")).expect("JSON");
    let sections = told["sections"].as_array().expect("sections").iter();
    let period = sections.flat_map(|section| section["findings"].as_array().expect("findings").iter());
    let period = period.filter(|found| found["code"].as_str().is_some_and(|code| code.starts_with("forecast.")));
    let period = period.filter_map(|found| found["subject"]["period"].as_str()).next().expect("a running period");
    let company = forecast
        .iter()
        .find(|row| (row.get("level"), row.get("period"), row.get("basis")) == ("company", period, "base"));
    let company = company.expect("a row of the company");
    for column in ["quota", "won", "gap", "expected", "p10", "p90"] {
        let shown = whole(company.get(column));
        assert!(page.contains(&shown), "{column}: {shown} is not on the page");
    }
    for deal in
        Table::read(&desk.path("out/stagnation.csv")).iter().filter(|row| row.get("status") == "stalled").take(40)
    {
        assert!(page.contains(deal.get("deal_id")), "{} is stalled and not on the page", deal.get("deal_id"));
    }
    let bare = page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "");
    for address in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!bare.contains(address), "the page names {address}");
    }
    assert!(page.contains("connect-src &#x27;none&#x27;") || page.contains("connect-src 'none'"));
    desk.ok("check --outputs out");
}

#[test]
fn the_same_run_gives_the_same_page_and_a_language_changes_words_and_numbers() {
    let (desk, english) = page("");
    desk.ok("report out --out again --threads 1");
    assert!(english == desk.read("again/report.html"), "two pages of one run differ");
    desk.ok("report out --out french --locale fr");
    let french = desk.read("french/report.html");
    assert!(french.contains("<html lang=\"fr\">") && french.contains("Prévision") && !french.contains(">Forecast<"));
    assert!(french.contains('\u{202f}'), "numbers are grouped as in French");
    let refused = desk.run("report out --out page --locale xx");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--locale is \"xx\", expected one of en, fr"), "{}", refused.stderr);
}

/// The labels of the definitions, by the name of the column.
fn labels(page: &str) -> BTreeMap<&str, &str> {
    let definitions = page.split("<dt>").skip(1).filter_map(|rest| {
        let (label, rest) = rest.split_once(" <code>")?;
        (!label.contains('<')).then_some((rest.split_once("</code>")?.0, label))
    });
    definitions.collect()
}

#[test]
fn a_page_in_french_says_nothing_in_english_but_names() {
    let (desk, english) = page("");
    desk.ok("report out --out french --locale fr");
    let french = desk.read("french/report.html");
    let told: serde_json::Value = serde_json::from_str(&desk.read("out/findings.json")).expect("JSON");
    for section in told["sections"].as_array().expect("sections") {
        for found in section["findings"].as_array().expect("findings") {
            let (code, sentence) = (&found["code"], found["sentence"].as_str().expect("a sentence"));
            // The first letter is a capital on the page; an apostrophe is an entity.
            let kept = sentence.chars().skip(1).take_while(|letter| !"'\"<>&/".contains(*letter)).collect::<String>();
            assert!(kept.len() < 12 || !french.contains(&kept), "{code} is in English: {sentence}");
        }
    }
    let same = ["p10", "p50", "p90", "PSI", "AUC", "WAPE", "CRPS", "Quota", "Pipeline", "Score", "Cohort", "Segment"];
    let same = [
        &same[..],
        &["Stagnation", "Conversion", "Validation", "Base", "Table", "Manager", "Managers", "Percentile", "Source"],
    ]
    .concat();
    let spaced =
        english.match_indices(" %").filter(|(at, _)| english[..*at].ends_with(|letter: char| letter.is_ascii_digit()));
    let spaced: Vec<&str> = spaced.map(|(at, _)| english[..at].rsplit(['>', '"']).next().expect("a text")).collect();
    assert!(spaced.is_empty(), "percentages with a space: {spaced:?}");
    let (english, french) = (labels(&english), labels(&french));
    assert!(french.len() > 100, "{} definitions", french.len());
    let untold: Vec<&str> = french
        .iter()
        .filter(|(key, label)| english.get(*key) == Some(label) && !same.contains(label))
        .map(|(key, _)| *key)
        .collect();
    assert!(untold.is_empty(), "no French label of {untold:?}");
}

/// The cells of the grid with this caption, as text.
fn grid(page: &str, caption: &str) -> Vec<Vec<String>> {
    let begin = page.find(&format!("<caption>{caption}</caption>")).expect("a grid");
    let body = page[begin..].split("</table>").next().expect("an end");
    let row = |row: &str| {
        let cells = row.split("<td").skip(1).map(|cell| cell.split_once('>').expect("a cell").1);
        cells.map(|cell| cell.split("</td>").next().expect("an end").to_owned()).collect()
    };
    body.split("<tr").skip(2).map(row).collect()
}

#[test]
fn sources_add_up_as_the_totals_do_and_things_to_do_name_their_deal_in_the_language() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 900 --owners 12 --out world");
    desk.ok("run --config world/dealcast.toml --out out");
    desk.ok("report out --out page");
    desk.ok("report out --out french --locale fr");
    let [english, french] = ["page", "french"].map(|folder| desk.read(&format!("{folder}/report.html")));
    let totals = desk.ok("sources --total --config world/dealcast.toml --format csv --quiet").stdout;
    let (totals, rows) = (Table::parse(&totals), grid(&english, "Sources, cost and return"));
    let columns = ["created", "won", "lost", "open", "win_rate", "revenue", "expected_revenue", "cost", "return"];
    for total in totals.iter() {
        let row = rows.iter().find(|row| row[0] == total.get("source")).expect("a row of the source");
        for (column, shown) in columns.iter().zip(&row[1..]) {
            let number = |text: &str| text.replace([',', '%'], "").parse::<f64>().ok();
            let percent = if *column == "win_rate" { 100.0 } else { 1.0 };
            let (shown, declared) = (number(shown), number(total.get(column)).map(|declared| percent * declared));
            let near = shown.zip(declared).is_some_and(|(shown, declared)| (shown - declared).abs() <= 0.51);
            let exact = *column != "return" || shown.zip(declared).is_none_or(|(a, b)| (a - b).abs() <= 0.051);
            assert!(exact && (near || shown == declared), "{} {column}: {shown:?} {declared:?}", total.get("source"));
        }
    }
    assert_eq!(rows.len(), totals.rows());
    let actions = Table::read(&desk.path("out/actions.csv"));
    let mut listed: BTreeSet<[&str; 3]> = BTreeSet::new();
    let actions: Vec<_> = actions
        .iter()
        .filter(|action| match action.get("deal_id") {
            "" => listed.insert(["", action.get("owner"), action.get("period")]),
            id => listed.insert([id, "", ""]),
        })
        .collect();
    let shown = grid(&english, "Five things to do");
    assert_eq!(shown.len(), actions.len().min(5), "a deal once");
    for (action, row) in actions.iter().zip(&shown) {
        let id = action.get("deal_id");
        let linked = row[0].contains(&format!("#deal/{id}")) || row[0].contains(&format!("#deal&#x2f;{id}"));
        assert!(id.is_empty() || linked && row[0].contains(action.get("name")), "{}", row[0]);
    }
    for (action, row) in actions.iter().zip(&grid(&french, "Cinq choses à faire")) {
        let words = action.get("why").split(' ').nth(1).expect("words");
        assert!(!row[2].starts_with(&action.get("why")[..8]) && row[2].len() > 20, "{words}: {}", row[2]);
    }
    let notes: Vec<&str> = english.split("class=\"tile\"").skip(1).collect();
    let note = |name: &str| *notes.iter().find(|tile| tile.contains(name)).expect("a tile");
    assert!(note("/expected\"").contains("of quota") && !note("p_hit_quota\"").contains("of quota"));
    assert!(french.contains("aucune cause n") || !english.contains("no single cause"));
}

#[test]
fn many_sources_are_listed_and_drawn_in_part() {
    let desk = Desk::empty();
    let deals = (0..150).map(|i| format!("{i},Won,2025-01-01,2025-02-01,{},EUR,source {i:03}\n", 1000 + i));
    let head = "deal_id,stage,created_at,closed_at,amount,currency,source\n".to_owned();
    desk.write("deals.csv", deals.fold(head, |text, line| text + &line));
    desk.ok("run --deals deals.csv --out out --models models");
    desk.ok("report out --out page --charts charts");
    let page = desk.read("page/report.html");
    assert_eq!(grid(&page, "Sources, cost and return").len(), 100);
    assert!(
        page.contains("The 100 sources with the most expected revenue, of 150."),
        "nothing says that there are more"
    );
    // A label, and a note on each of two bars.
    assert_eq!(desk.read("charts/sources.svg").matches(">source ").count(), 3 * 30);
}

#[test]
fn every_heading_leads_to_a_definition_and_the_page_is_small() {
    let (_, page) = page("");
    let mut headings = 0;
    for rest in page.split("href=\"#define&#x2f;").skip(1).chain(page.split("href=\"#define/").skip(1)) {
        let place = rest.split('"').next().expect("an end");
        let id = format!("id=\"define&#x2f;{place}\"");
        assert!(page.contains(&id) || page.contains(&id.replace("&#x2f;", "/")), "nothing defines {place}");
        headings += 1;
    }
    assert!(headings > 100, "{headings} headings");
    assert!(page.len() <= 500_000, "{} bytes", page.len());
}

#[test]
fn names_stand_on_the_page_as_text() {
    let desk = Desk::empty();
    let name = "<script>alert(1)</script>";
    let deals = format!(
        "deal_id,name,stage,created_at,closed_at,amount,currency\n1,{name},Won,2025-01-01,2025-02-01,10,EUR\n2,</script>{name},Open,2025-01-05,,20,EUR\n"
    );
    desk.write("deals.csv", deals);
    desk.ok("run --deals deals.csv --out out --models models");
    desk.ok("report out --out page");
    let page = desk.read("page/report.html");
    assert!(!page.contains(name), "a name became markup");
    assert_eq!(page.matches("</script>").count(), 3, "settings, data and script end once each");
}

#[test]
fn a_folder_without_a_run_is_refused_and_a_run_is_not_written_into() {
    let desk = Desk::with_world(60, 600);
    fs::create_dir(desk.path("empty")).expect("a folder");
    let refused = desk.run("report empty --out page");
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("empty"), "{}", refused.stderr);
    desk.nightly("--out out");
    let refused = desk.run("report out --out out");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    desk.ok("check --outputs out");
}

/// Whether a file is a PNG of some pixels.
fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 2_000
}

#[test]
fn charts_are_files_that_stand_alone() {
    let desk = Desk::with_world(600, 700);
    desk.nightly("--out out");
    desk.ok("report out --charts charts");
    assert!(!desk.path("dealcast-report").exists(), "charts alone were asked for");
    let charts = ["contenders", "flow", "forecast", "funnel", "reliability", "sources", "waterfall"];
    let mut expected: Vec<String> =
        charts.iter().flat_map(|name| [format!("{name}.png"), format!("{name}.svg")]).collect();
    expected.sort();
    let mut found: Vec<String> = fs::read_dir(desk.path("charts"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, expected);
    desk.ok("report out --charts again --out pages --format html --threads 1");
    for name in &found {
        let bytes = fs::read(desk.path("charts").join(name)).expect("a file");
        assert!(bytes == fs::read(desk.path("again").join(name)).expect("a file"), "{name}: the same bytes again");
        assert!(name.ends_with("svg") || is_png(&bytes), "{name} is no PNG");
    }
    assert!(desk.path("pages/report.html").exists() && !desk.path("pages/report.xlsx").exists());
    let funnel = desk.read("charts/funnel.svg");
    assert!(
        funnel.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && funnel.contains("data as of"),
        "{funnel}"
    );
    let bare = funnel.replace("http://www.w3.org/2000/svg", "");
    assert!(!bare.contains("http") && !bare.contains("href") && bare.contains("#ffffff"), "{bare}");
    desk.ok("report out --charts french --locale fr");
    assert!(desk.read("french/forecast.svg").contains("Prévision"));
}
