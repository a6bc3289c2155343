//! `dealcast report`: the reports people open, from a finished run.

use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::render::language::Language;
use dealcast::report::words::count;
use dealcast::run::answers;
use dealcast::store::digests::earlier_digests;
use dealcast::store::folder::OutputFolder;
use dealcast::store::table_folder::TableFolder;

use crate::cli::console::Console;
use crate::cli::destination::reserved_places;
use crate::cli::error::CliError;
use crate::cli::interrupt;
use crate::cli::report_args::WantedReports;

/// Where the reports go if nothing is said.
const OUT: &str = "dealcast-report";

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Folder of a finished run
    #[arg(value_name = "DIR", default_value = "dealcast-out")]
    pub run: PathBuf,
    /// Folder to write the reports into; dealcast-report if neither this, --charts nor --digest is given
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder to write every chart into, as SVG and as PNG
    #[arg(long, value_name = "DIR")]
    pub charts: Option<PathBuf>,
    /// Folder of a page per owner and manager, for mail and chat (HTML, Markdown, JSON): replaced as a whole
    #[arg(long, value_name = "DIR")]
    pub digest: Option<PathBuf>,
    /// Folder of an earlier run: the page and the digests say what moved since then, as `compare` does
    #[arg(long, value_name = "DIR")]
    pub since: Option<PathBuf>,
    /// Which reports to write
    #[arg(long, value_name = "FORMAT", default_value = "all")]
    pub format: WantedReports,
}

pub(crate) fn report(args: ReportArgs, console: &Console) -> Result<(), CliError> {
    let ReportArgs { run, out, charts, digest, since, format } = args;
    let language = &console.language;
    let open = |folder| TableFolder::open(folder, reserved_places(None, None));
    // Before the work: can all of it be written?
    let charts = charts.map(open).transpose()?;
    let by_default = charts.is_none() && digest.is_none();
    let out = out.or_else(|| by_default.then(|| PathBuf::from(OUT))).map(open).transpose()?;
    if let Some(digest) = &digest {
        digests(&run, since.as_deref(), digest, language, console)?;
    }
    if let Some(out) = out {
        for report in answers::report(&run, since.as_deref(), &format.kinds(), language)? {
            write(&out, report.name, &report.bytes, console)?;
        }
    }
    if let Some(charts) = charts {
        for chart in answers::charts(&run, language)? {
            write(&charts, &chart.name, &chart.bytes, console)?;
        }
    }
    Ok(())
}

/// Writes a file and says where and how large it is.
fn write(folder: &TableFolder, name: &str, bytes: &[u8], console: &Console) -> Result<(), CliError> {
    let file = folder.write(name, |out| out.write_all(bytes).map(|()| None))?;
    console.printer.say(format!("{} ({} kB)", folder.path(&file.file).display(), file.bytes.div_ceil(1000)));
    Ok(())
}

/// Writes a page per owner and manager in place of those of an earlier run: nobody who has left gets one.
fn digests(
    run: &Path,
    since: Option<&Path>,
    out: &Path,
    language: &Language,
    console: &Console,
) -> Result<(), CliError> {
    let folder = OutputFolder::open_for(out, earlier_digests, &reserved_places(None, None))?;
    interrupt::guard(folder.abandon_handle());
    let files = answers::digests(run, since, language)?;
    for file in &files {
        folder.write(&file.name, |out| out.write_all(file.text.as_bytes()).map(|()| None))?;
    }
    let place = folder.commit()?;
    console.printer.say(format!("{} in {}", count(files.len() as u64, "file"), place.display()));
    Ok(())
}
