//! Files as programs export them: what stands around the table, how it is encoded, what its columns are called.

use dealcast::ingest::findings::{assumed, unread_history};
use dealcast::ingest::tables::ChangeRow;

use super::world::{World, amounts_minor, moments, names};

/// What is said of how the files were read.
fn told(world: &World) -> Vec<String> {
    assumed(&world.loaded().inputs).iter().map(|finding| finding.sentence.clone()).collect()
}

const ROWS: &str =
    "deal_id;stage;created_at;amount;owner\na;Demo;2025-01-02;5;Ann\nb;Won;2025-01-03;6;Bob\nc;Demo;2025-01-04;7;Cy\n";

#[test]
fn what_stands_above_the_header_is_left_out_and_told() {
    for above in ["sep=;\n", "Pipeline report\nAs of;2025-12-01\n\n", "Pipeline report;;;;\n"] {
        let world = World::deals(format!("{above}{ROWS}"));
        assert_eq!(amounts_minor(&world.loaded()), [500, 600, 700].map(Some), "{above}");
        let told = told(&world);
        if above.starts_with("sep=") {
            assert!(told.is_empty(), "what the file says itself is no guess: {told:?}");
            continue;
        }
        assert!(told[0].contains("above the header left out") && told[0].contains("separator ';'"), "{told:?}");
    }
    assert!(told(&World::deals(ROWS.replace(';', ","))).is_empty());
}

#[test]
fn a_guessed_encoding_is_told_with_a_sample() {
    let text = "deal_id,stage,created_at,owner\na,Первая встреча,2025-01-02,Мария\nb,Счёт выставлен,2025-01-03,Пётр\n";
    let japanese = "deal_id,stage,created_at,owner\na,初回訪問,2025-01-02,鈴木\nb,見積提出,2025-01-03,田中\n";
    for (encoding, text, stage, name) in [
        (encoding_rs::WINDOWS_1251, text, "Первая встреча", "windows-1251"),
        (encoding_rs::SHIFT_JIS, japanese, "初回訪問", "shift_jis"),
    ] {
        let (bytes, _, _) = encoding.encode(text);
        let world = World::deals(&bytes);
        assert_eq!(names(&world.loaded(), "stage")[0], stage);
        assert_eq!(told(&world), [format!("deals.csv was read, as nobody said how, with encoding {name} ({stage:?})")]);
    }
}

#[test]
fn a_late_letter_of_another_encoding_is_guessed_too() {
    let mut text = "deal_id,stage,created_at\n".to_owned();
    (0..6000).for_each(|i| text += &format!("d{i},Demo,2025-01-02\n"));
    text += "x,Переговоры о цене,2025-01-02\ny,Переговоры о цене,2025-01-02\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&text);
    let world = World::deals(&bytes);
    assert!(names(&world.loaded(), "stage").contains(&"Переговоры о цене".to_owned()));
    assert!(told(&world)[0].contains("windows-1251"), "{:?}", told(&world));
}

#[test]
fn headers_of_known_programs_are_recognised_and_told() {
    let text = "Record ID,Deal Name,Deal Stage,Create Date,Close Date,Deal owner,Amount,Lead Source\n\
                1,First,Demo,2025-01-02,2025-03-01,Ann,5,Web\n";
    let world = World::deals(text);
    let loaded = world.loaded();
    assert_eq!(names(&loaded, "owner"), ["Ann"]);
    assert_eq!(names(&loaded, "source"), ["Web"]);
    assert_eq!(moments(&loaded, "closed_at"), ["2025-03-01 00:00:00"]);
    assert!(told(&world)[0].contains("\"Record ID\" as deal_id, \"Deal Stage\" as stage"), "{:?}", told(&world));
    // a column with the canonical name, or one that the configuration names, needs no alias
    let plain = World::deals("deal_id,Record ID,stage,created_at\nx,1,Demo,2025-01-02\n").loaded();
    assert_eq!(plain.tables.deals.ids(), ["x"]);
    let mapped = "[sources.deals]\ncolumns = { owner = \"Account Name\" }";
    let loaded =
        World::deals("deal_id,stage,created_at,Account Name\nx,Demo,2025-01-02,Acme\n").configured(mapped).loaded();
    assert_eq!(names(&loaded, "owner"), ["Acme"]);
    assert!(loaded.tables.deals.attribute("account").is_none());
}

#[test]
fn columns_that_stand_twice_matter_only_where_they_are_needed() {
    let twice = "deal_id,stage,created_at,amount,Note,Note,amount\na,Demo,2025-01-02,5,x,y,9\n";
    let (message, hint) = World::deals(twice).fault();
    assert!(message.contains("\"amount\" twice, at positions 4 and 7"), "{message}");
    assert!(hint.contains("`ignore`"), "{hint}");
    let world = World::deals(twice).configured("[sources.deals]\nignore = [\"amount\"]");
    let loaded = world.loaded();
    assert_eq!(amounts_minor(&loaded), [Some(500)]);
    assert_eq!((names(&loaded, "Note"), names(&loaded, "Note (2)")), (vec!["x".to_owned()], vec!["y".to_owned()]));
}

#[test]
fn a_filled_column_without_a_name_is_told() {
    let loaded =
        World::deals("deal_id,stage,created_at,,\na,Demo,2025-01-02,,\nb,Demo,2025-01-02,call back,\n").loaded();
    let issue = loaded.issues.iter().find(|issue| issue.rule.name() == "unnamed_column").expect("an issue");
    assert_eq!((issue.count, issue.examples[0].line, issue.examples[0].value.as_str()), (1, 3, "call back"));
}

#[test]
fn one_column_tells_the_order_of_day_and_month_for_the_others() {
    let text = "deal_id,stage,created_at,closed_at\na,Won,03/04/2025,04/05/2025\nb,Won,23/04/2025,06/05/2025\n";
    let world = World::deals(text);
    assert_eq!(moments(&world.loaded(), "closed_at"), ["2025-05-04 00:00:00", "2025-05-06 00:00:00"]);
    assert!(told(&world)[0].contains("closed_at with day first, as the other columns"), "{:?}", told(&world));
    let torn = text.replace("06/05/2025", "06/25/2025");
    assert!(World::deals(torn).load().is_ok(), "each column may have its own order");
    let (message, _) = World::deals("deal_id,stage,amount\na,Demo,\"1.234,50\"\nb,Demo,\"1,234.50\"\n").fault();
    assert!(
        message.contains("\"1,234.50\" on deals.csv line 3") && message.contains("\"1.234,50\" on deals.csv line 2"),
        "{message}"
    );
}

#[test]
fn an_amount_names_its_currency_where_no_column_does() {
    let loaded = World::deals("deal_id,stage,amount\na,Demo,CHF 1'250\nb,Demo,95.5 €\nc,Demo,7\n").loaded();
    assert_eq!(names(&loaded, "currency"), ["CHF", "EUR", "USD"]);
    let loaded = World::deals("deal_id,stage,amount,currency\na,Demo,$1.2M,\nb,Demo,95k,GBP\n").loaded();
    assert_eq!(amounts_minor(&loaded), [120_000_000, 9_500_000].map(Some));
}

#[test]
fn a_day_for_every_stage_is_a_history() {
    let text = "deal_id,stage,Create Date,Came to visit,Got offer\na,Offer,2025-01-02,2025-01-05,2025-01-20\nb,Visit,2025-01-02,2025-01-09,\n";
    let config = "[sources.stage_history]\npath = \"deals.csv\"\nentered = { \"Came to visit\" = \"Visit\", \"Got offer\" = \"Offer\" }\n";
    let mut world = World::deals(text).configured(config);
    world.config.sources.get_or_default(dealcast::domain::inputs::InputTable::Deals).path = "deals.csv".to_owned();
    let stages = |loaded: &dealcast::ingest::Loaded| {
        let changes = &loaded.tables.changes;
        let row = |i: usize| {
            let ChangeRow { deal, at, stage, .. } = changes.get(i);
            let (id, stage) = (loaded.tables.deals.id(deal), loaded.tables.stage_names.name(stage));
            format!("{} {} {}", id.unwrap_or("?"), at.day(), stage.unwrap_or("?"))
        };
        let mut rows: Vec<String> = (0..changes.len()).map(row).collect();
        rows.sort();
        rows
    };
    let expected = ["a 2025-01-05 Visit", "a 2025-01-20 Offer", "b 2025-01-09 Visit"];
    assert_eq!(stages(&world.loaded()), expected);
    // as one export calls such columns they are known without a word
    let named = text
        .replace("Came to visit", "\"Date entered \"\"Visit (Sales)\"\"\"")
        .replace("Got offer", "\"Date entered \"\"Offer (Sales)\"\"\"");
    assert_eq!(stages(&World::deals(named).loaded()), expected);
}

#[test]
fn history_of_deals_that_are_not_there_stops_nothing_unless_it_is_all_of_it() {
    let deals = "deal_id,stage,created_at\na,Demo,2025-01-02\n";
    let rows = |own: usize| -> String {
        (0..20).map(|i| format!("{},2025-01-{:02},Demo\n", if i < own { "a" } else { "z" }, 3 + i)).collect()
    };
    let history =
        |own| World::deals(deals).with("stage_history.csv", format!("deal_id,changed_at,stage\n{}", rows(own)));
    assert_eq!(history(5).loaded().issues.rejects(), 15);
    assert!(history(0).fault().0.contains("20 of 20 rows of stage_history are rejected"));
}

#[test]
fn columns_of_the_history_that_nothing_reads_are_named() {
    let world = World::deals("deal_id,stage,created_at,Plan\na,Demo,2025-01-02,pro\n")
        .with("stage_history.csv", "deal_id,changed_at,stage,plan,Stage Key\na,2025-01-03,Demo,pro,7\n");
    let own = std::collections::BTreeSet::from(["plan".to_owned()]);
    let told = unread_history(&world.loaded().inputs, &own);
    assert_eq!(
        told.iter().map(|finding| finding.sentence.as_str()).collect::<Vec<_>>(),
        ["stage_history.csv: nothing is read from Stage Key"]
    );
}

#[test]
fn a_bad_row_or_two_do_not_stop_a_small_file_and_hints_name_the_keys_that_cure() {
    let loaded =
        World::deals("deal_id,stage,created_at\na,Demo,2025-01-02\nb,Demo,someday\nc,Demo,2025-01-04\n").loaded();
    assert_eq!(loaded.issues.rejects(), 1);
    let mut text = "deal_id,stage,created_at\n".to_owned();
    (0..20).for_each(|i| text += &format!("d{i},Demo,{}\n", if i < 8 { "someday" } else { "2025-01-02" }));
    let (message, hint) = World::deals(text).fault();
    assert!(message.contains("8 of 20 rows"), "{message}");
    for key in ["null_values", "values", "constants", "encoding", "max_reject_share", "severity"] {
        assert!(hint.contains(key), "{key}: {hint}");
    }
}

#[test]
fn a_translation_of_a_column_that_nobody_has_is_misspelt() {
    let config = "[sources.deals.values.statuss]\nopn = \"open\"\n";
    let (message, hint) = World::deals("deal_id,stage,created_at\na,Demo,2025-01-02\n").configured(config).fault();
    assert!(message.contains("sources.deals.values.statuss"), "{message}");
    assert_eq!(hint, "did you mean `status`?");
}

#[test]
fn what_stands_below_the_table_is_left_out_and_told() {
    let below = "\n\nConfidential Information - Do Not Distribute\nCopyright (c) 2025 Example Inc.\n";
    let world = World::deals(format!("{ROWS}{below}"));
    assert_eq!(world.loaded().inputs[0].rows, 3);
    assert!(told(&world)[0].contains("2 lines below the table left out"), "{:?}", told(&world));
    // a row cut short is none
    let cut = World::deals(format!("{ROWS}12")).loaded();
    assert_eq!((cut.inputs[0].rows, cut.issues.rejects()), (4, 1));
}

#[test]
fn names_that_differ_in_case_or_blanks_are_one_and_near_ones_are_told() {
    let mut text = "deal_id,stage,created_at,owner,source\n".to_owned();
    for i in 0..24 {
        let owner = ["Mary Jones", "mary jones", "MARY JONES "][if i < 20 { 0 } else { i % 3 }];
        let source = ["Trade fair", "trade Fair"][usize::from(i == 3)];
        text += &format!("d{i:02},Demo,2025-01-02,{owner},{source}\n");
    }
    text += "x,Demo,2025-01-02,Mary Jonse,Trade fair\ny,Demo,2025-01-02,u1A,Web\nz,Demo,2025-01-02,u1a,web\n";
    let world = World::deals(text).with("quotas.csv", "owner,period,quota\nmary jones,2025-Q1,500\n");
    let loaded = world.loaded();
    let owners = std::collections::BTreeSet::from_iter(names(&loaded, "owner"));
    assert_eq!(owners.into_iter().collect::<Vec<_>>(), ["Mary Jones", "Mary Jonse", "u1A", "u1a"]);
    let sources = std::collections::BTreeSet::from_iter(names(&loaded, "source"));
    assert_eq!(sources.into_iter().collect::<Vec<_>>(), ["Trade fair", "Web"]);
    assert_eq!(format!("{:?}", loaded.tables.quotas[0].node), "Owner(\"Mary Jones\")");
    let told: Vec<String> = dealcast::ingest::findings::spellings(&loaded.tables.spellings)
        .into_iter()
        .map(|finding| finding.sentence)
        .collect();
    assert!(told[0].contains("owner \"mary jones\" for \"Mary Jones\""), "{told:?}");
    assert!(told[1].contains("owner \"Mary Jonse\" for \"Mary Jones\""), "{told:?}");
}

#[test]
fn of_two_rows_of_a_deal_the_one_changed_last_counts_where_that_is_asked_for() {
    let rows = "deal_id,stage,created_at,amount,Last Modified\na,Demo,2025-01-02,5,2025-03-01\na,Offer,2025-01-02,9,2025-04-01\n";
    let reversed = "deal_id,stage,created_at,amount,Last Modified\na,Offer,2025-01-02,9,2025-04-01\na,Demo,2025-01-02,5,2025-03-01\n";
    for text in [rows, reversed] {
        assert_eq!(amounts_minor(&World::deals(text).loaded()), [Some(500)]);
        let newest = World::deals(text).configured("[sources.deals]\nnewest_by = \"last modified\"").loaded();
        assert_eq!(amounts_minor(&newest), [Some(900)]);
    }
    let (message, _) = World::deals(rows).configured("[sources.deals]\nnewest_by = \"Modified At\"").fault();
    assert!(message.contains("sources.deals.newest_by"), "{message}");
}
