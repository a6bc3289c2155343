//! `dealcast report`: the reports people open, from a finished run.

use std::path::PathBuf;

use clap::Args;
use dealcast::run::answers;
use dealcast::store::table_folder::TableFolder;

use crate::cli::console::Console;
use crate::cli::destination::reserved_places;
use crate::cli::error::CliError;
use crate::cli::report_args::{LocaleArgs, WantedReports};

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Folder of a finished run
    #[arg(value_name = "DIR", default_value = "dealcast-out")]
    pub run: PathBuf,
    /// Folder to write the reports into
    #[arg(long, value_name = "DIR", default_value = "dealcast-report")]
    pub out: PathBuf,
    /// Which reports to write
    #[arg(long, value_name = "FORMAT", default_value = "all")]
    pub format: WantedReports,
    #[command(flatten)]
    pub locale: LocaleArgs,
}

pub(crate) fn report(args: ReportArgs, console: &Console) -> Result<(), CliError> {
    let ReportArgs { run, out, format, locale } = args;
    let language = locale.language()?;
    let folder = TableFolder::open(out, reserved_places(None, None))?;
    for report in answers::report(&run, &format.kinds(), &language)? {
        let file = folder.write(report.name, |out| out.write_all(&report.bytes).map(|()| None))?;
        console.printer.say(format!("{} ({} kB)", folder.path(&file.file).display(), file.bytes.div_ceil(1000)));
    }
    Ok(())
}
