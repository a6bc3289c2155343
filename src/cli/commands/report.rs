//! `dealcast report`: the pages people open, from a finished run.

use std::path::PathBuf;

use clap::Args;
use dealcast::render::language::{LANGUAGES, Language};
use dealcast::run::answers;
use dealcast::store::table_folder::TableFolder;

use crate::cli::console::Console;
use crate::cli::destination::reserved_places;
use crate::cli::error::CliError;

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Folder of a finished run
    #[arg(value_name = "DIR", default_value = "dealcast-out")]
    pub run: PathBuf,
    /// Folder to write report.html into
    #[arg(long, value_name = "DIR", default_value = "dealcast-report")]
    pub out: PathBuf,
    /// Language of words, numbers and days
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub locale: String,
}

pub(crate) fn report(args: ReportArgs, console: &Console) -> Result<(), CliError> {
    let ReportArgs { run, out, locale } = args;
    let Some(language) = Language::of(&locale) else {
        let known = LANGUAGES.map(|(code, _)| code).join(", ");
        return Err(CliError::usage(format!("--locale is {locale:?}, expected one of {known}")));
    };
    let folder = TableFolder::open(out, reserved_places(None, None))?;
    let page = answers::report(&run, &language)?;
    let file = folder.write("report.html", |out| out.write_all(page.as_bytes()).map(|()| None))?;
    console.printer.say(format!("{} ({} kB)", folder.path(&file.file).display(), file.bytes.div_ceil(1000)));
    Ok(())
}
