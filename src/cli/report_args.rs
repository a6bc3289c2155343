//! Which reports, and in which language.

use std::path::Path;

use clap::{Args, ValueEnum};
use dealcast::render::ReportKind;
use dealcast::render::language::{LANGUAGES, Language};
use dealcast::store::catalogue_file::catalogue_text;

use super::error::CliError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WantedReports {
    /// report.html and report.xlsx
    All,
    /// report.html, a page for a browser
    Html,
    /// report.xlsx, a workbook for a spreadsheet
    Xlsx,
    /// No report
    None,
}

impl WantedReports {
    pub(crate) fn kinds(self) -> Vec<ReportKind> {
        match self {
            Self::All => ReportKind::ALL.to_vec(),
            Self::Html => vec![ReportKind::Html],
            Self::Xlsx => vec![ReportKind::Xlsx],
            Self::None => Vec::new(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct LocaleArgs {
    /// Language of words, numbers and days in tables and findings of the terminal and in reports: en, fr, or a catalogue of
    /// one's own (FILE.toml). CSV, JSON and Parquet are the same in every language; errors, help and `init` are English
    #[arg(long, global = true, value_name = "CODE", default_value = "en")]
    pub locale: String,
}

impl LocaleArgs {
    /// The language that is named.
    pub(crate) fn language(&self) -> Result<Language, CliError> {
        if self.locale.ends_with(".toml") {
            let text = catalogue_text(Path::new(&self.locale)).map_err(|error| error.to_string());
            let language = text.and_then(|text| Language::read(&text));
            return language.map_err(|error| CliError::usage(format!("--locale {}: {error}", self.locale)));
        }
        let known = || LANGUAGES.map(|(code, _)| code).join(", ");
        let unknown =
            || CliError::usage(format!("--locale is {:?}, expected one of {} or a file .toml", self.locale, known()));
        Language::of(&self.locale).ok_or_else(unknown)
    }
}
