//! `dealcast report --digest`: the three forms of a page say what the tables say, and names stay text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::harness::{Desk, Row, Table, names};

fn world(more: &str) -> Desk {
    let desk = Desk::empty();
    desk.ok("simulate --deals 900 --owners 12 --out world");
    desk.ok("run --config world/dealcast.toml --out out");
    desk.ok(&format!("report out --digest digest {more}"));
    desk
}

fn json(desk: &Desk, file: &str) -> Value {
    serde_json::from_str(&desk.read(&format!("digest/{file}"))).expect("JSON")
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// `a < b & c` as HTML writes it.
fn in_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
        .replace('/', "&#x2f;")
}

/// The numbers before each currency, in hundredths.
fn bars_of(told: &str) -> Vec<i64> {
    let words: Vec<&str> = told.split([' ', ';']).collect();
    let amounts = words.windows(2).filter(|pair| pair[1].len() == 3 && pair[1].chars().all(char::is_uppercase));
    let amounts = amounts.map(|pair| pair[0].replace([',', '+'], "").parse::<f64>().expect(told));
    amounts.map(|amount| (amount * 100.0).round() as i64).collect()
}

#[test]
fn every_owner_and_manager_gets_what_the_tables_have() {
    let desk = world("");
    let [actions, forecast] = ["actions", "forecast"].map(|name| Table::read(&desk.path(&format!("out/{name}.csv"))));
    let index = json(&desk, "index.json");
    let listed = index["digests"].as_array().expect("digests");
    let people: BTreeSet<(&str, &str)> = listed.iter().map(|of| (text(of, "level"), text(of, "id"))).collect();
    let owners: BTreeSet<(&str, &str)> =
        actions.column("owner").into_iter().filter(|id| !id.is_empty()).map(|id| ("owner", id)).collect();
    assert!(owners.is_subset(&people) && people.iter().any(|(level, _)| *level == "manager"), "{people:?}");
    let mut files = BTreeSet::from(["index.html".to_owned(), "index.json".to_owned()]);
    let (mut told, mut bridges) = (0, 0);
    for of in listed {
        files.extend(["html", "markdown", "json"].map(|form| text(of, form).to_owned()));
        let digest = json(&desk, text(of, "json"));
        let (level, id) = (text(of, "level"), text(of, "id"));
        let is_own = |row: &Row<'_>| match level {
            "owner" => row.get("owner") == id,
            _ => {
                serde_json::from_str::<Vec<String>>(row.get("managers")).expect("JSON").iter().any(|above| above == id)
            }
        };
        let own: Vec<Row<'_>> = actions.iter().filter(is_own).collect();
        let mut ranks: BTreeMap<&str, &str> = BTreeMap::new();
        for row in &own {
            ranks.entry(row.get("deal_id")).or_insert(row.get("rank"));
        }
        let shown = digest["actions"].as_array().expect("actions");
        let first: Vec<&str> = own.iter().map(|row| row.get("deal_id")).collect();
        assert_eq!(shown.is_empty(), first.is_empty(), "{level} {id}");
        let [page, markdown] = ["html", "markdown"].map(|form| desk.read(&format!("digest/{}", text(of, form))));
        for todo in shown {
            let row = own.iter().find(|row| row.get("rank") == text(todo, "rank")).expect("a row of actions");
            assert_eq!(ranks.get(row.get("deal_id")), Some(&row.get("rank")), "a deal stands by its best rank");
            assert_eq!((row.get("worth"), row.get("deal_id")), (text(todo, "worth"), text(todo, "deal_id")));
            let reasons = todo["reasons"].as_array().expect("reasons");
            assert_eq!(reasons.len(), own.iter().filter(|other| other.get("deal_id") == row.get("deal_id")).count());
            for reason in reasons {
                assert!(page.contains(&in_html(text(reason, "why"))), "{}", text(reason, "why"));
                assert!(markdown.contains(text(reason, "kind")));
            }
            told += 1;
        }
        let node = forecast.iter().find(|row| {
            (row.get("level"), row.get("node"), row.get("basis")) == (level, id, "base")
                && row.get("period") == text(&digest, "period")
        });
        if let Some(node) = node {
            for column in ["quota", "won", "p10", "p90", "p_hit_quota", "coverage"]
                .into_iter()
                .filter(|column| !node.get(column).is_empty())
            {
                assert_eq!(text(&digest["numbers"], column), node.get(column), "{level} {id}: {column}");
            }
            let bars = digest["changes"].as_array().expect("changes").iter().filter_map(Value::as_str);
            for told in bars.filter(|told| told.starts_with("Pipeline of ")) {
                let (whole, currency) = (bars_of(told), node.get("currency"));
                assert!(told.contains(" since 202") && whole.len() > 2, "{told}");
                let [parts @ .., end] = &whole[..] else { panic!("no bars") };
                assert_eq!(parts.iter().sum::<i64>(), *end, "{told}");
                assert_eq!(told.matches(currency).count(), whole.len(), "{told}");
                bridges += 1;
            }
            assert!(page.contains(&in_html(text(&digest, "headline"))) && !text(&digest, "headline").is_empty());
        }
        for address in ["<script", "<style", "http", "src=", "url("] {
            assert!(!page.contains(address), "{address} in a page for mail");
        }
    }
    assert!(told > 20 && bridges > 3, "{told} {bridges}");
    assert_eq!(names(&desk.path("digest")).into_iter().collect::<BTreeSet<_>>(), files);
}

#[test]
fn digests_are_the_same_again_replace_the_earlier_and_speak_french() {
    let desk = world("--locale fr");
    let index = json(&desk, "index.json");
    let first = text(&index["digests"][0], "html").to_owned();
    let page = desk.read(&format!("digest/{first}"));
    assert!(page.contains("<html lang=\"fr\">") && page.contains("À faire") && !page.contains("To do"));
    desk.ok("report out --digest digest --locale fr --threads 1");
    assert_eq!(page, desk.read(&format!("digest/{first}")));
    assert!(!desk.path("dealcast-report").exists(), "the page was not asked for");
    desk.write("digest/own.txt", "mine");
    assert_ne!(desk.run("report out --digest digest").code, 0, "a folder with something else is not replaced");
    assert!(desk.path("digest/own.txt").exists());
    assert_ne!(desk.run("report out --digest out").code, 0, "nor is a run");
    desk.ok("check --outputs out");
}

#[test]
fn names_are_text_in_every_form() {
    let desk = Desk::empty();
    let name = "<script>alert(1)</script>|x";
    let deals = format!(
        "deal_id,name,owner,stage,created_at,closed_at,expected_close_date,amount,currency\n\
         1,won,\"../{name}\",Won,2025-01-01,2025-02-01,2025-02-01,10,EUR\n\
         2,\"{name}\ny\",\"../{name}\",Open,2025-01-05,,2025-01-20,20,EUR\n\
         3,{name},,Open,2025-01-05,,2025-01-20,20,EUR\n"
    );
    desk.write("deals.csv", deals);
    desk.ok("run --deals deals.csv --out out --models models");
    desk.ok("report out --digest digest");
    let all = names(&desk.path("digest"));
    assert!(all.len() >= 8, "{all:?}");
    for file in &all {
        let page = fs::read_to_string(desk.path("digest").join(file)).expect("text");
        match file.rsplit_once('.') {
            Some((_, "html")) => assert!(!page.contains("<script"), "{file}"),
            Some((_, "md")) => {
                assert!(page.contains("\\<script\\>"), "{file}: {page}");
                assert!(!page.replace("\\<", "").contains("<script"), "{file}: {page}");
                assert!(page.lines().all(|line| !line.starts_with('y')), "a name keeps to its line");
            }
            _ => drop(serde_json::from_str::<Value>(&page).expect("JSON")),
        }
    }
}
