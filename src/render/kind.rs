//! The reports there are: [`ReportKind`].

use std::io;

use super::language::Language;
use super::material::Material;
use super::{page, workbook};

/// A report of a finished run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// A page for a browser.
    Html,
    /// A workbook for a spreadsheet.
    Xlsx,
}

impl ReportKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Html, Self::Xlsx];

    /// The file it is.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Xlsx => "report.xlsx",
        }
    }

    /// The content of the file: the same bytes from the same run.
    ///
    /// # Errors
    /// What a compressor, a template or the writer of workbooks refused.
    pub fn bytes(self, material: &Material, language: &Language) -> io::Result<Vec<u8>> {
        match self {
            Self::Html => page::html(material, language).map(String::into_bytes),
            Self::Xlsx => workbook::xlsx(material, language),
        }
    }
}
