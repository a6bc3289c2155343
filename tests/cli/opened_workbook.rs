//! A workbook read back: its cells by calamine, its tables, notes and formulas from the XML inside.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};
use zip::ZipArchive;

/// A workbook in memory.
pub struct OpenedWorkbook {
    /// The files inside, by path.
    pub parts: BTreeMap<String, String>,
    /// The cells of each sheet, in the order of the sheets.
    pub sheets: Vec<(String, Range<Data>)>,
}

/// A table on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetTable {
    pub name: String,
    /// The number in `sheet3.xml`.
    pub sheet: usize,
    pub headings: Vec<String>,
    /// Row and column of the first heading and of the last cell, from 0.
    pub from: (u32, u32),
    pub to: (u32, u32),
}

impl OpenedWorkbook {
    pub fn open(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let mut parts = BTreeMap::new();
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).unwrap();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            parts.insert(part.name().to_owned(), text);
        }
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
        let names = book.sheet_names();
        let sheets = names.into_iter().map(|name| (name.clone(), book.worksheet_range(&name).unwrap())).collect();
        Self { parts, sheets }
    }

    pub fn names(&self) -> Vec<&str> {
        self.sheets.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The XML of a sheet, counted from 1.
    pub fn sheet_xml(&self, sheet: usize) -> &str {
        &self.parts[&format!("xl/worksheets/sheet{sheet}.xml")]
    }

    /// Every table there is.
    pub fn tables(&self) -> Vec<SheetTable> {
        let mut tables = Vec::new();
        for sheet in 1..=self.sheets.len() {
            let Some(relations) = self.parts.get(&format!("xl/worksheets/_rels/sheet{sheet}.xml.rels")) else {
                continue;
            };
            for target in values(relations, "Target").into_iter().filter(|target| target.contains("tables/")) {
                let xml = &self.parts[&target.replace("..", "xl")];
                let head = xml.split("<tableColumns").next().unwrap();
                let place = values(head, "ref").remove(0);
                let (from, to) = place.split_once(':').unwrap();
                let columns = xml.split("<tableColumns").nth(1).unwrap().split("</tableColumns>").next().unwrap();
                let headings = values(columns, "name");
                let name = values(head, "displayName").remove(0);
                tables.push(SheetTable { name, sheet, headings, from: place_of(from), to: place_of(to) });
            }
        }
        tables
    }

    /// The notes of a sheet: the cell, and what is said.
    pub fn notes(&self, sheet: usize) -> Vec<((u32, u32), String)> {
        let Some(relations) = self.parts.get(&format!("xl/worksheets/_rels/sheet{sheet}.xml.rels")) else {
            return Vec::new();
        };
        let target = values(relations, "Target").into_iter().find(|target| target.contains("comments"));
        let Some(xml) = target.map(|target| &self.parts[&target.replace("..", "xl")]) else { return Vec::new() };
        let notes = xml.split("<comment ").skip(1).map(|note| {
            let bare = note.replace(r#"<t xml:space="preserve">"#, "<t>");
            let parts = bare.split("<t>").skip(1).filter_map(|part| part.split("</t>").next());
            let text: String = parts.collect();
            (place_of(&values(note, "ref").remove(0)), plain(&text))
        });
        notes.collect()
    }

    /// The formulas of a sheet, by cell.
    pub fn formulas(&self, sheet: usize) -> Vec<((u32, u32), String)> {
        let cells = self.sheet_xml(sheet).split("<c ").skip(1);
        let formulas = cells.filter_map(|cell| {
            let formula = cell.split("<f>").nth(1)?.split("</f>").next()?;
            Some((place_of(&values(cell, "r").remove(0)), plain(formula)))
        });
        formulas.collect()
    }

    /// The texts of the cells of a sheet, counted from 1.
    pub fn texts(&self, sheet: usize) -> Vec<String> {
        let cells = self.sheets[sheet - 1].1.used_cells();
        cells.filter_map(|(_, _, cell)| if let Data::String(text) = cell { Some(text.clone()) } else { None }).collect()
    }

    /// A cell of a sheet, counted from 1.
    pub fn cell(&self, sheet: usize, place: (u32, u32)) -> Data {
        self.sheets[sheet - 1].1.get_value(place).cloned().unwrap_or(Data::Empty)
    }
}

/// The values of an attribute, one after the other.
fn values(xml: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let padded = format!(" {xml}");
    padded.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).map(plain).collect()
}

/// Markup as the text it stands for.
fn plain(xml: &str) -> String {
    let plain = xml.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#xA;", "\n");
    plain.replace("&amp;", "&")
}

/// `B3` as row 2 and column 1.
fn place_of(name: &str) -> (u32, u32) {
    let name = name.replace('$', "");
    let letters = name.chars().take_while(char::is_ascii_alphabetic);
    let column = letters.fold(0, |column, letter| column * 26 + u32::from(letter) - u32::from('A') + 1);
    let row: u32 = name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).parse().unwrap();
    (row - 1, column - 1)
}
