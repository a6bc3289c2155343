//! Workbooks, made here byte by byte: several sheets, dates as numbers of days, both ways to count them, `.ods`.

use std::fs;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::export_world::{SoldDeal, iso};
use crate::harness::Desk;

/// A cell of a sheet.
pub enum SheetCell {
    Text(String),
    Number(f64),
    /// A number of days with the format of a date.
    Day(f64),
    Empty,
}

/// A sheet with its name.
pub struct Sheet {
    name: &'static str,
    rows: Vec<Vec<SheetCell>>,
}

impl Sheet {
    pub fn of_texts(name: &'static str, rows: Vec<Vec<&str>>) -> Self {
        let cells = |row: Vec<&str>| row.into_iter().map(|text| SheetCell::Text(text.to_owned())).collect();
        Self { name, rows: rows.into_iter().map(cells).collect() }
    }

    fn xml(&self) -> String {
        let mut text =
            String::from("<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>");
        for (at, row) in (1..).zip(&self.rows) {
            text.push_str(&format!("<row r=\"{at}\">"));
            for (cell, letter) in row.iter().zip('A'..='Z') {
                text.push_str(&match cell {
                    SheetCell::Text(value) => {
                        let value = value.replace('&', "&amp;").replace('<', "&lt;");
                        format!("<c r=\"{letter}{at}\" t=\"inlineStr\"><is><t>{value}</t></is></c>")
                    }
                    SheetCell::Number(value) => format!("<c r=\"{letter}{at}\"><v>{value}</v></c>"),
                    SheetCell::Day(value) => format!("<c r=\"{letter}{at}\" s=\"1\"><v>{value}</v></c>"),
                    SheetCell::Empty => String::new(),
                });
            }
            text.push_str("</row>");
        }
        text + "</sheetData></worksheet>"
    }
}

fn zipped(files: &[(String, String)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in files {
        archive.start_file(name.as_str(), stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An `.xlsx` file; one that counts days from 1904, as the first spreadsheets for the Mac did.
pub fn workbook(sheets: &[Sheet], from_1904: bool) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const PARTS: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let numbered = || (1..).zip(sheets);
    let parts: String = numbered()
        .map(|(at, _)| {
            format!("<Override PartName=\"/xl/worksheets/sheet{at}.xml\" ContentType=\"{PARTS}.worksheet+xml\"/>")
        })
        .collect();
    let listed: String = numbered()
        .map(|(at, sheet)| format!("<sheet name=\"{}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>", sheet.name))
        .collect();
    let links: String = numbered()
        .map(|(at, _)| {
            format!("<Relationship Id=\"rId{at}\" Type=\"{LINKS}/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>")
        })
        .collect();
    let styles = sheets.len() + 1;
    let date1904 = if from_1904 { "<workbookPr date1904=\"1\"/>" } else { "<workbookPr/>" };
    let mut files = vec![
        (
            "[Content_Types].xml".to_owned(),
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{PARTS}.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"{PARTS}.styles+xml\"/>{parts}</Types>"
            ),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{LINKS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{LINKS}\">{date1904}<sheets>{listed}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">{links}<Relationship Id=\"rId{styles}\" Type=\"{LINKS}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    files.extend(numbered().map(|(at, sheet)| (format!("xl/worksheets/sheet{at}.xml"), sheet.xml())));
    zipped(&files)
}

const STAGES: [&str; 3] = ["Prospecting", "Proposal", "Negotiation"];
/// Days from 1900-01-00 to 2024-01-01, as sheets count.
const FIRST: f64 = 45_292.0;
/// From 1904-01-01.
const FIRST_OF_1904: f64 = FIRST - 1462.0;

/// A sheet of deals, beside which lies a cover sheet.
fn deals(sold: &[SoldDeal], first: f64) -> [Sheet; 2] {
    let header = ["Opportunity ID", "Opportunity Name", "Stage", "Amount", "Created Date", "Close Date", "Owner"];
    // days on which months of 28 days and those of the calendar agree
    let day =
        |day: usize| SheetCell::Day(first + (day % 28) as f64 + f64::from(u8::try_from(day / 28 % 2).unwrap()) * 31.0);
    let row = |deal: &SoldDeal| {
        let stage = deal.stage(&STAGES, "Closed Won", "Closed Lost").to_owned();
        let closed = deal.end.map_or(SheetCell::Empty, |(_, end)| day(end.max(deal.created()) % 56));
        vec![
            SheetCell::Text(deal.id()),
            SheetCell::Text(format!("Deal {}", deal.at)),
            SheetCell::Text(stage),
            SheetCell::Number(deal.cents() as f64 / 100.0),
            day(deal.created() % 28),
            closed,
            SheetCell::Text(deal.owner().to_owned()),
        ]
    };
    let texts = header.map(|name| SheetCell::Text(name.to_owned())).into_iter().collect();
    [
        Sheet::of_texts("Cover", vec![vec!["Report"], vec!["As of", "2025-10-01"]]),
        Sheet { name: "Deals", rows: std::iter::once(texts).chain(sold.iter().map(row)).collect() },
    ]
}

/// The first and the last day anything was created on, as the configuration of a file finds them.
fn created(name: &str, bytes: &[u8]) -> String {
    let desk = Desk::empty();
    fs::create_dir(desk.path("exports")).unwrap();
    desk.write(&format!("exports/{name}"), bytes);
    let done = desk.ok("init exports");
    let line = done.stderr.lines().find(|line| line.contains("deals created from")).unwrap().to_owned();
    desk.ok("funnel --format csv");
    line
}

#[test]
fn workbooks_are_read_whichever_year_they_count_from() {
    let sold = SoldDeal::all(90, 3);
    let usual = created("Opportunities.xlsx", &workbook(&deals(&sold, FIRST), false));
    assert!(usual.contains("90 deals created from 2024-01-01 on"), "{usual}");
    let early = created("Opportunities.xlsx", &workbook(&deals(&sold, FIRST_OF_1904), true));
    assert_eq!(early, usual, "the same days, counted from 1904");
    let renamed = created("Opportunities.csv", &workbook(&deals(&sold, FIRST), false));
    assert_eq!(renamed, usual, "its name says nothing");
}

#[test]
fn an_open_document_is_read_too() {
    let sold = SoldDeal::all(60, 3);
    let text = |value: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{value}</text:p></table:table-cell>")
    };
    let day = |value: &str| format!("<table:table-cell office:value-type=\"date\" office:date-value=\"{value}\"/>");
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    let header: String =
        ["deal_id", "stage", "created_at", "amount", "closed_at"].iter().map(|name| text(name)).collect();
    let mut rows = row(header);
    for deal in &sold {
        let amount = format!("<table:table-cell office:value-type=\"float\" office:value=\"{}\"/>", deal.cents() / 100);
        let closed = deal.end.map_or("<table:table-cell/>".to_owned(), |(_, end)| day(&iso(end)));
        let cells =
            [text(&deal.id()), text(deal.stage(&STAGES, "Won", "Lost")), day(&iso(deal.created())), amount, closed];
        rows.push_str(&row(cells.concat()));
    }
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"Deals\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let files = [
        ("mimetype".to_owned(), "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
        (
            "META-INF/manifest.xml".to_owned(),
            "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>".to_owned(),
        ),
        ("content.xml".to_owned(), content),
    ];
    let said = created("deals.ods", &zipped(&files));
    assert!(said.contains("60 deals created from 2024-01-"), "{said}");
}
