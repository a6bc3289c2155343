//! Changes of a table: cells, rows, columns.

use crate::nasty;
use crate::random::Random;

/// A table as rows of cells; the first is the header.
pub struct Cells(pub Vec<Vec<Vec<u8>>>);

impl Cells {
    pub fn of_csv(bytes: &[u8]) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let rows: Result<Vec<_>, _> = reader.byte_records().collect();
        let rows: Vec<Vec<Vec<u8>>> = rows.ok()?.iter().map(|row| row.iter().map(<[u8]>::to_vec).collect()).collect();
        (!rows.is_empty()).then_some(Self(rows))
    }

    /// As CSV; of an odd kind now and then.
    pub fn to_csv(&self, random: &mut Random) -> Vec<u8> {
        let mut builder = csv::WriterBuilder::new();
        builder.flexible(true);
        match random.below(12) {
            0 => drop(builder.delimiter(*random.pick(b";\t|"))),
            1 => drop(builder.quote_style(csv::QuoteStyle::Always)),
            2 => drop(builder.terminator(csv::Terminator::CRLF)),
            3 => drop(builder.terminator(csv::Terminator::Any(b'\r'))),
            _ => {}
        }
        let mut writer = builder.from_writer(Vec::new());
        for row in &self.0 {
            writer.write_record(row).unwrap();
        }
        writer.into_inner().unwrap()
    }

    /// Rows below the header.
    pub fn rows(&self) -> usize {
        self.0.len() - 1
    }

    fn name(&self, column: usize) -> String {
        self.0[0].get(column).map(|name| String::from_utf8_lossy(name).into_owned()).unwrap_or_default()
    }

    /// Changes the table in one way; says how. Every row keeps a cell.
    pub fn change(&mut self, random: &mut Random) -> String {
        let told = self.change_once(random);
        self.0.iter_mut().filter(|row| row.is_empty()).for_each(|row| row.push(Vec::new()));
        told
    }

    fn change_once(&mut self, random: &mut Random) -> String {
        let columns = self.0[0].len();
        let (column, other) = (random.below(columns), random.below(columns));
        let (row, other_row) = (1 + random.below(self.rows()), 1 + random.below(self.rows()));
        if self.rows() == 0 {
            return "no rows to change".to_owned();
        }
        match random.below(16) {
            0 => self.change_column(column, random),
            1 => {
                self.0.iter_mut().filter(|row| row.len() > column.max(other)).for_each(|row| row.swap(column, other));
                format!("columns {} and {} swapped", self.name(column), self.name(other))
            }
            2 => {
                let told = format!("column {} gone", self.name(column));
                self.0.iter_mut().filter(|row| row.len() > column).for_each(|row| drop(row.remove(column)));
                told
            }
            3 => {
                for row in self.0.iter_mut().filter(|row| row.len() > column) {
                    row.push(row[column].clone());
                }
                format!("column {} twice", self.name(column))
            }
            4 => {
                let name = nasty::word(random);
                self.0[0][column] = name.clone();
                format!("header {column} is {}", String::from_utf8_lossy(&name).escape_debug())
            }
            5 => {
                for at in (2..self.0.len()).rev() {
                    self.0.swap(at, 1 + random.below(at));
                }
                "rows shuffled".to_owned()
            }
            6 => {
                let again = self.0[row].clone();
                self.0.insert(other_row, again);
                format!("row {row} twice")
            }
            7 => {
                self.0.remove(row);
                format!("row {row} gone")
            }
            8 => {
                self.0[row].truncate(other);
                format!("row {row} has {other} cells")
            }
            9 => {
                self.0.truncate(1 + random.below(4));
                format!("{} rows left", self.rows())
            }
            10 if column < self.0[row].len() && column < self.0[other_row].len() => {
                self.0[row][column] = self.0[other_row][column].clone();
                format!("row {row} has {} of row {other_row}", self.name(column))
            }
            _ => {
                let cells: Vec<String> = (0..=random.below(4)).map(|_| self.change_cell(random)).collect();
                cells.join(", ")
            }
        }
    }

    fn change_cell(&mut self, random: &mut Random) -> String {
        let row = 1 + random.below(self.rows());
        let column = random.below(self.0[row].len());
        let cell = nasty::cell(random);
        let told = String::from_utf8_lossy(&cell[..cell.len().min(40)]).escape_debug().to_string();
        self.0[row][column] = cell;
        format!("{} of row {row} is \"{told}\"", self.name(column))
    }

    fn change_column(&mut self, column: usize, random: &mut Random) -> String {
        let cell = nasty::cell(random);
        let told = String::from_utf8_lossy(&cell[..cell.len().min(40)]).escape_debug().to_string();
        for row in self.0.iter_mut().skip(1).filter(|row| row.len() > column) {
            row[column] = cell.clone();
        }
        format!("{} is \"{told}\" everywhere", self.name(column))
    }
}
