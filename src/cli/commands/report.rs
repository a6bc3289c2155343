//! `dealcast report`: the pages people open, from a finished run.

use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::render::language::{LANGUAGES, Language};
use dealcast::report::words::count;
use dealcast::run::answers;
use dealcast::store::digests::earlier_digests;
use dealcast::store::folder::OutputFolder;
use dealcast::store::table_folder::TableFolder;

use crate::cli::console::Console;
use crate::cli::destination::reserved_places;
use crate::cli::error::CliError;
use crate::cli::interrupt;

/// Where the page goes if nobody says.
const PAGE_FOLDER: &str = "dealcast-report";

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Folder of a finished run
    #[arg(value_name = "DIR", default_value = "dealcast-out")]
    pub run: PathBuf,
    /// Folder to write report.html into; dealcast-report if nothing else is asked for
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder of a page per owner and manager, for mail and chat (HTML, Markdown, JSON): replaced as a whole
    #[arg(long, value_name = "DIR")]
    pub digest: Option<PathBuf>,
    /// Language of words, numbers and days
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub locale: String,
}

pub(crate) fn report(args: ReportArgs, console: &Console) -> Result<(), CliError> {
    let ReportArgs { run, out, digest, locale } = args;
    let Some(language) = Language::of(&locale) else {
        let known = LANGUAGES.map(|(code, _)| code).join(", ");
        return Err(CliError::usage(format!("--locale is {locale:?}, expected one of {known}")));
    };
    if let Some(digest) = &digest {
        digests(&run, digest, &language, console)?;
    }
    match out {
        Some(out) => page(&run, out, &language, console),
        None if digest.is_none() => page(&run, PathBuf::from(PAGE_FOLDER), &language, console),
        None => Ok(()),
    }
}

fn page(run: &Path, out: PathBuf, language: &Language, console: &Console) -> Result<(), CliError> {
    let folder = TableFolder::open(out, reserved_places(None, None))?;
    let page = answers::report(run, language)?;
    let file = folder.write("report.html", |out| out.write_all(page.as_bytes()).map(|()| None))?;
    console.printer.say(format!("{} ({} kB)", folder.path(&file.file).display(), file.bytes.div_ceil(1000)));
    Ok(())
}

/// Writes a page per owner and manager in place of those of an earlier run: nobody who has left gets one.
fn digests(run: &Path, out: &Path, language: &Language, console: &Console) -> Result<(), CliError> {
    let folder = OutputFolder::open_for(out, earlier_digests, &reserved_places(None, None))?;
    interrupt::guard(folder.abandon_handle());
    let files = answers::digests(run, language)?;
    for file in &files {
        folder.write(&file.name, |out| out.write_all(file.text.as_bytes()).map(|()| None))?;
    }
    let place = folder.commit()?;
    console.printer.say(format!("{} in {}", count(files.len() as u64, "file"), place.display()));
    Ok(())
}
