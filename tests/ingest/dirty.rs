//! One dirty-input case per test.

use dealcast::config::Rule;
use dealcast::domain::ids::{RowIx, StageNameId};
use dealcast::domain::maybe::Maybe;
use dealcast::domain::stage::StageKind;

use super::world::{World, amounts_minor, moment, moments, names, probabilities, rejects};

const PLAIN: &str = "deal_id,stage,created_at,owner\nd1,Møte,2025-01-02,Zoë\nd2,Tilbud,2025-01-03,José\n";

fn assert_plain(world: &World) {
    let loaded = world.loaded();
    assert_eq!(names(&loaded, "stage"), ["Møte", "Tilbud"]);
    assert_eq!(names(&loaded, "owner"), ["Zoë", "José"]);
    assert_eq!(moments(&loaded, "created_at"), ["2025-01-02 00:00:00", "2025-01-03 00:00:00"]);
    assert_eq!(loaded.issues.iter().count(), 0);
}

#[test]
fn any_encoding() {
    let bom = [b"\xef\xbb\xbf", PLAIN.as_bytes()].concat();
    let le: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let le_bom = [&b"\xff\xfe"[..], &le].concat();
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(PLAIN);
    for bytes in [PLAIN.as_bytes(), &bom, &le, &be, &le_bom, &latin] {
        assert_plain(&World::deals(bytes));
    }
}

#[test]
fn any_separator_and_line_end() {
    for separator in [";", "\t", "|", ","] {
        for end in ["\r\n", "\r", "\n"] {
            assert_plain(&World::deals(PLAIN.replace(',', separator).replace('\n', end)));
        }
    }
}

#[test]
fn headers_in_any_spelling() {
    let world = World::deals(PLAIN.replace("deal_id,stage,created_at,owner", " Deal ID ,STAGE,created-at,\"Owner\""));
    assert_plain(&world);
}

#[test]
fn quoted_newlines_separators_and_quotes() {
    let world = World::deals(
        "deal_id,stage,created_at,name\r\nd1,A,2025-01-02,\"two\r\nlines, \"\"quoted\"\"\"\r\nd2,A,2025-01-02,x\r\n",
    );
    let loaded = world.loaded();
    assert_eq!(loaded.tables.deals.name(RowIx::at(0)), Some("two\r\nlines, \"quoted\""));
    assert_eq!(loaded.tables.deals.name(RowIx::at(1)), Some("x"));
}

#[test]
fn ragged_lines_are_rejected_with_their_line() {
    let mut text = String::from("deal_id,stage,created_at\n");
    (0..40).for_each(|i| text += &format!("d{i},A,2025-01-02\n"));
    text += "short,A\n";
    let loaded = World::deals(text + "spare,A,2025-01-02,,\n").loaded();
    assert_eq!(loaded.tables.deals.len(), 41);
    assert_eq!(rejects(&loaded), [(42, String::new(), "shortA".to_owned(), "ragged_line".to_owned())]);
}

fn amounts(cells: &[&str], config: &str) -> Vec<Option<i64>> {
    let mut text = String::from("deal_id;stage;created_at;amount\n");
    cells.iter().enumerate().for_each(|(i, cell)| text += &format!("d{i};A;2025-01-02;{cell}\n"));
    amounts_minor(&World::deals(text).configured(config).loaded())
}

#[test]
fn decimal_comma_and_thousands_marks_are_decided_by_the_column() {
    assert_eq!(
        amounts(&["1.234", "12,50", "1.234.567,89", ""], ""),
        [Some(123_400), Some(1_250), Some(123_456_789), None]
    );
    assert_eq!(amounts(&["1,234", "12.50", "1,234,567.89", "7"], ""), [123_400, 1_250, 123_456_789, 700].map(Some));
    assert_eq!(amounts(&["1,234", "5,678"], ""), [123_400, 567_800].map(Some));
    let comma = "[sources.deals]\ndecimal_mark = \",\"";
    assert_eq!(amounts(&["1.234", "5.678"], comma), [123_400, 567_800].map(Some));
    let dot = "[sources.deals]\ndecimal_mark = \".\"";
    assert_eq!(amounts(&["1.235", "5.5"], dot), [124, 550].map(Some));
}

#[test]
fn currency_signs_blanks_and_parentheses() {
    assert_eq!(
        amounts(&["\"$1,500,000.00 \"", "(2,000.50)", "€ 3", "4 USD", "-5"], ""),
        [150_000_000, -200_050, 300, 400, -500].map(Some)
    );
}

#[test]
fn an_undecidable_decimal_mark_names_the_column_and_the_cure() {
    let (message, hint) = World::deals("deal_id,stage,created_at,amount\nd1,A,2025-01-02,1.234\n").fault();
    assert_eq!(
        message,
        "deals.csv line 2: `amount` is \"1.234\", and nothing in the column tells a decimal mark from a thousands mark"
    );
    assert!(hint.contains("sources.deals.decimal_mark"), "{hint}");
}

#[test]
fn amounts_follow_their_currency() {
    let loaded = World::deals(
        "deal_id,stage,created_at,amount,currency\nd1,A,2025-01-02,12.345,KWD\nd2,A,2025-01-02,1200,JPY\n\
         d3,A,2025-01-02,12.345,Euro\nd4,A,2025-01-02,5,\nd5,A,2025-01-02,5,Gold\n",
    )
    .configured("[sources.deals]\ndecimal_mark = \".\"\n[money]\ndefault_currency = \"CHF\"")
    .loaded();
    assert_eq!(amounts_minor(&loaded), [12_345, 1_200, 1_234, 500, 500].map(Some));
    assert_eq!(names(&loaded, "currency"), ["KWD", "JPY", "EUR", "CHF", "GOLD"]);
    assert_eq!((loaded.issues.count(Rule::RoundedAmount), loaded.issues.count(Rule::UnknownCurrency)), (1, 1));
}

fn created(cells: &[&str], config: &str) -> Vec<String> {
    let mut text = String::from("deal_id,stage,created_at\n");
    cells.iter().enumerate().for_each(|(i, cell)| text += &format!("d{i},A,{cell}\n"));
    moments(&World::deals(text).configured(config).loaded(), "created_at")
}

#[test]
fn day_and_month_are_told_apart_by_the_whole_column() {
    assert_eq!(created(&["03/04/2025", "31/12/2025"], ""), ["2025-04-03 00:00:00", "2025-12-31 00:00:00"]);
    assert_eq!(created(&["03/04/2025", "12/31/2025 4:50 PM"], ""), ["2025-03-04 00:00:00", "2025-12-31 16:50:00"]);
    assert_eq!(created(&["20-10-16", "01-03-17"], ""), ["2016-10-20 00:00:00", "2017-03-01 00:00:00"]);
    assert_eq!(created(&["5/5/2025"], ""), ["2025-05-05 00:00:00"]);
    let order = "[sources.deals]\ndate_order = \"month-first\"";
    assert_eq!(created(&["03/04/2025"], order), ["2025-03-04 00:00:00"]);
    // the column's own evidence outweighs the configuration
    assert_eq!(created(&["31/12/2025"], order), ["2025-12-31 00:00:00"]);
}

#[test]
fn an_undecidable_date_names_the_column_and_the_cure() {
    let (message, hint) = World::deals("deal_id,stage,created_at\nd1,A,03/04/2025\n").fault();
    assert_eq!(
        message,
        "deals.csv line 2: `created_at` is \"03/04/2025\", and nothing in the column tells day from month"
    );
    assert_eq!(hint, "say which comes first: sources.deals.date_order = \"day-first\" or \"month-first\"");
}

#[test]
fn a_date_against_its_column_is_rejected() {
    let mut text = String::from("deal_id,stage,created_at\n");
    (13..=31).for_each(|day| text += &format!("d{day},A,{day}/12/2025\n"));
    let text = text + "odd,A,12/31/2025\n";
    let (message, hint) = World::deals(&text).fault();
    let both = "`created_at` of deals is written in two ways: \"13/12/2025\" on deals.csv line 2 (day first) and \
                \"12/31/2025\" on deals.csv line 21 (month first)";
    assert_eq!(message, both);
    assert!(hint.contains("sources.deals.date_order"), "{hint}");
    let loaded = World::deals(text).configured("[sources.deals]\ndate_order = \"day-first\"").loaded();
    assert_eq!(rejects(&loaded), [(21, "created_at".into(), "12/31/2025".into(), "bad_date".into())]);
}

#[test]
fn excel_serials_and_unix_times() {
    let expected = ["2026-02-14 00:00:00", "2026-02-14 18:00:00", "2026-02-14 13:05:09", "2026-02-14 13:05:09"];
    assert_eq!(created(&["46067", "46067.75", "1771074309", "1771074309000"], ""), expected);
}

#[test]
fn offsets_become_wall_clock_time_of_the_configured_zone() {
    let zone = "[calendar]\ntime_zone = \"Europe/Berlin\"";
    // summer time is two hours ahead of UTC, winter time one; a time without offset is already local
    let cells =
        ["2025-07-01T23:30:00Z", "2025-01-01T23:30:00.000+0000", "2025-07-01 23:30:00", "2025-07-01T23:30:00-04:00"];
    let expected = ["2025-07-02 01:30:00", "2025-01-02 00:30:00", "2025-07-01 23:30:00", "2025-07-02 05:30:00"];
    assert_eq!(created(&cells, zone), expected);
}

#[test]
fn statuses_and_categories_in_any_case() {
    let loaded = World::deals(
        "deal_id,stage,created_at,closed_at,status,forecast_category,probability\n\
         d1,A,2025-01-02,,OPEN,Best Case,50%\nd2,B,2025-01-02,2025-02-01,Closed Won,closed,100\nd3,C,2025-01-02,2025-02-01,lost,weird,0\n",
    )
    .loaded();
    let deals = &loaded.tables.deals;
    let kinds = deals.statuses();
    assert_eq!(kinds, [Some(StageKind::Open), Some(StageKind::Won), Some(StageKind::Lost)]);
    assert_eq!(probabilities(&loaded), [0.5, 1.0, 0.0].map(Some));
    assert_eq!(loaded.issues.count(Rule::UnknownCategory), 1);
}

#[test]
fn probabilities_up_to_one_stay_as_they_are() {
    let loaded =
        World::deals("deal_id,stage,created_at,probability\nd1,A,2025-01-02,1\nd2,A,2025-01-02,0.125\n").loaded();
    assert_eq!(probabilities(&loaded), [1.0, 0.125].map(Some));
}

#[test]
fn later_rows_of_a_deal_id_are_rejected() {
    let mut text = String::from("deal_id,stage,created_at\n");
    (0..40).for_each(|i| text += &format!("d{i},A,2025-01-02\n"));
    let loaded = World::deals(text + "d7,B,2025-03-04\n").loaded();
    assert_eq!(rejects(&loaded), [(42, "deal_id".into(), "d7".into(), "duplicate_id".into())]);
    assert_eq!(names(&loaded, "stage")[7], "A");
}

#[test]
fn ids_keep_leading_zeros_and_extras_their_text() {
    let loaded = World::deals("deal_id,stage,created_at,zip\n007,A,2025-01-02,01234\n7,A,2025-01-02,NULL\n").loaded();
    assert_eq!(loaded.tables.deals.id(RowIx::at(0)), Some("007"));
    assert_eq!(names(&loaded, "zip"), ["01234", ""]);
    assert_eq!(loaded.tables.deals.extras(), ["zip"]);
}

#[test]
fn closing_dates_are_held_against_creation_and_status() {
    let mut text = String::from("deal_id,stage,created_at,closed_at,status\n");
    (0..40).for_each(|i| text += &format!("d{i},A,2025-01-02 10:00,2025-01-02,won\n"));
    let loaded =
        World::deals(text + "e1,A,2025-01-02,2025-01-01,won\ne2,A,2025-01-02,,won\ne3,A,2025-01-02,,lost\n").loaded();
    assert_eq!(rejects(&loaded), [(42, "closed_at".into(), "2025-01-01".into(), "closed_before_created".into())]);
    assert_eq!(loaded.issues.count(Rule::WonWithoutCloseDate), 1);
    assert_eq!(loaded.issues.count(Rule::LostWithoutCloseDate), 1);
    // a day without an hour is not before the hour of creation
    assert_eq!(moments(&loaded, "closed_at")[0], "2025-01-02 10:00:00");
}

#[test]
fn a_warning_keeps_the_row_and_empties_the_cell() {
    let world = World::deals("deal_id,stage,created_at,amount,expected_close_date\nd1,A,2025-01-02,much,soon\n")
        .configured("[rules.severity]\nbad_amount = \"warn\"\nbad_date = \"warn\"");
    let loaded = world.loaded();
    assert_eq!(amounts_minor(&loaded), [None]);
    assert_eq!(loaded.tables.deals.expected_closes(), [Maybe::NONE]);
    assert_eq!((loaded.issues.count(Rule::BadAmount), loaded.issues.count(Rule::BadDate)), (1, 1));
}

#[test]
fn undated_deals_are_created_with_their_first_event_or_on_the_newest_day() {
    let config = "[rules.severity]\nmissing_created_at = \"warn\"";
    let world =
        World::deals("deal_id,stage,created_at,closed_at\nd1,A,2025-01-02,\nd2,A,,\nd3,A,,2025-02-03\nd4,A,,\n")
            .with("stage_history.csv", "deal_id,changed_at,stage\nd4,2025-03-05 12:00,B\nd4,2025-03-04 11:00,A\n")
            .configured(config);
    let expected = ["2025-01-02 00:00:00", "2025-03-05 00:00:00", "2025-02-03 00:00:00", "2025-03-04 11:00:00"];
    assert_eq!(moments(&world.loaded(), "created_at"), expected);
}

const DEALS: &str = "deal_id,stage,created_at,currency\nd1,Open,2025-01-02 09:00,USD\nd2,Open,2025-01-02,JPY\n";

#[test]
fn a_snapshot_log_carries_the_fields_it_has() {
    let world = World::deals(DEALS).with(
        "stage_history.csv",
        "deal_id,changed_at,stage,amount,probability\nd1,2025-01-02,Open,10.50,10\nd2,2025-01-04,,500,\nd1,2025-01-05,Won,,100\n",
    );
    let changes = world.loaded().tables.changes;
    assert_eq!(changes.deal, [0, 1, 0].map(RowIx::at));
    // midnight of the day of creation moves to the creation
    assert_eq!(changes.at, [moment("2025-01-02T09:00"), moment("2025-01-04T00:00"), moment("2025-01-05T00:00")]);
    assert_eq!(changes.amount_minor, [Some(1_050), Some(500), None].map(Maybe::from));
    assert_eq!(changes.probability[0].get(), Some(0.1));
    assert_eq!((changes.stage[1].get(), changes.stage[2].get()), (None, Some(StageNameId::at(1))));
}

#[test]
fn a_field_log_tells_before_and_after() {
    let world = World::deals(DEALS)
        .with(
            "stage_history.tsv",
            "deal_id\tchanged_at\tfield\told_value\tnew_value\nd1\t2025-01-03\tsales_stage\tNULL\tneu\n\
             d1\t2025-01-04\tAmount\t1.000,00\t2.500,50\nd1\t2025-01-05\tClose Date\t13/02/2025\t01/03/2025\nd1\t2025-01-06\tmood\tgood\tbad\n",
        )
        .configured("[sources.stage_history.values.stage]\nneu = \"New\"");
    let loaded = world.loaded();
    let changes = &loaded.tables.changes;
    assert_eq!(changes.prior, [false, true, false, true, false]);
    assert_eq!(loaded.tables.stage_names.name(changes.stage[0]), Some("New"));
    assert_eq!(changes.amount_minor[1..3], [100_000, 250_050].map(Maybe::from));
    let day = |text: &str| Maybe::from(text.parse::<dealcast::domain::day::Day>().expect("a day"));
    assert_eq!(changes.expected_close[3..], [day("2025-02-13"), day("2025-03-01")]);
    assert_eq!(loaded.issues.count(Rule::UnusedField), 1);
}

/// "the engine does not follow this field" was the answer to a column of the deals table that the leak hunter asked for.
#[test]
fn the_history_of_a_column_of_its_own_is_kept_in_both_shapes() {
    let deals = "deal_id,stage,created_at,Mood Score,product\nd1,New,2025-01-02,7,Basic\nd2,New,2025-01-02,,\n";
    let log = "deal_id,changed_at,field,old_value,new_value\nd1,2025-01-06,mood_score,3,7\nd2,2025-01-07,Mood Score,5,\n\
               d1,2025-01-08,product,Pro,Basic\nd1,2025-01-09,weather,a,b\n";
    let rows = "deal_id,changed_at,stage,Mood Score,weather\nd1,2025-01-03,New,3,rain\nd1,2025-01-06,New,7,sun\nd2,2025-01-07,New,,\n";
    let said = |text: &str| {
        let loaded = World::deals(deals).with("stage_history.csv", text).loaded();
        let changes = &loaded.tables.field_changes;
        let mut said: Vec<String> = changes
            .rows
            .iter()
            .map(|row| {
                let (column, value) = (changes.columns.name(row.column), changes.values.name(row.value));
                format!("{:?} {} {} {}", row.deal.index(), row.prior, column.unwrap_or("?"), value.unwrap_or("-"))
            })
            .collect();
        said.sort();
        (said, loaded.issues.count(Rule::UnusedField))
    };
    let of_log = [
        "0 false Mood Score 7",
        "0 false product Basic",
        "0 true Mood Score 3",
        "0 true product Pro",
        "1 false Mood Score -",
        "1 true Mood Score 5",
    ];
    assert_eq!(said(log), (of_log.map(str::to_owned).to_vec(), 1));
    assert_eq!(said(rows), (["0 false Mood Score 3", "0 false Mood Score 7"].map(str::to_owned).to_vec(), 0));
}

#[test]
fn history_of_unknown_deals_and_from_before_creation_is_rejected() {
    let mut text = String::from("deal_id,changed_at,stage\n");
    (10..60).for_each(|i| text += &format!("d1,2025-02-02 10:{i},A\n"));
    let world = World::deals(DEALS).with("stage_history.csv", text + "d9,2025-02-02,A\nd1,2025-01-01,A\n");
    let loaded = world.loaded();
    assert_eq!(
        rejects(&loaded),
        [
            (52, "deal_id".into(), "d9".into(), "unknown_deal".into()),
            (53, "changed_at".into(), "2025-01-01".into(), "history_before_creation".into()),
        ]
    );
}

#[test]
fn filtered_rows_are_listed_and_do_not_count_as_faults() {
    let world =
        World::deals("deal_id,stage,created_at,IsDeleted\nd1,A,2025-01-02,0\nd2,A,2025-01-02,1\nd3,A,2025-01-02,1\n")
            .with("stage_history.csv", "deal_id,changed_at,stage\nd2,2025-02-02,A\nd1,2025-02-02,B\n")
            .configured("[[sources.deals.filters]]\ncolumn = \"IsDeleted\"\nnone_of = [\"1\", \"true\"]");
    let loaded = world.loaded();
    assert_eq!(loaded.tables.deals.len(), 1);
    assert_eq!(rejects(&loaded).iter().map(|r| r.3.as_str()).collect::<Vec<_>>(), ["filtered"; 3]);
}

#[test]
fn columns_by_recipe_constant_translation_and_lookup() {
    let world = World::deals("id,first,last,step,price,item\n1,Ann,Lee,NEW,,X\n2,Bo,,won,7,Y\n")
        .with("items.csv", "item,list,kind\nX-1,12.50,hard\nY,9,soft\n")
        .configured(
            "[sources.deals]\ncolumns = { deal_id = \"id\", owner = { join = [\"first\", \"last\"] }, stage = \"step\", \
             product = \"item\", amount = [\"price\", \"list\"] }\nconstants = { created_at = \"2025-01-02\" }\n\
             [sources.deals.values]\nproduct = { x = \"X-1\" }\nstage = { new = \"Lead\" }\n\
             [[sources.deals.lookups]]\npath = \"items.csv\"\nleft = \"product\"\nright = \"item\"",
        );
    let loaded = world.loaded();
    assert_eq!(names(&loaded, "owner"), ["Ann Lee", "Bo"]);
    assert_eq!(names(&loaded, "stage"), ["Lead", "won"]);
    assert_eq!(names(&loaded, "product"), ["X-1", "Y"]);
    assert_eq!(names(&loaded, "kind"), ["hard", "soft"]);
    assert_eq!(amounts_minor(&loaded), [1_250, 700].map(Some));
    assert_eq!(loaded.tables.deals.extras(), ["kind"]);
}
