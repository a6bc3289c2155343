//! The flags that name the files of the input tables: one per declared table.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use dealcast::domain::inputs::InputTable;

/// What the file of any table may be; said once, with the table no run goes without.
const FORMS: &str = ": file, folder of parts, glob, or `-` (CSV or Parquet; .gz and .zst CSV)";

/// The files named on the command line, in the declared order of their tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct TableFiles(pub Vec<(InputTable, String)>);

impl TableFiles {
    /// Whether a flag names the file of this table.
    pub(crate) fn name(&self, table: InputTable) -> bool {
        self.0.iter().any(|(named, _)| *named == table)
    }
}

impl Args for TableFiles {
    fn augment_args(command: Command) -> Command {
        command.args(InputTable::ALL.iter().map(|table| flag(*table)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for TableFiles {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let named = |table: &InputTable| Some((*table, matches.get_one::<String>(table.name())?.clone()));
        Ok(Self(InputTable::ALL.iter().filter_map(named).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn flag(table: InputTable) -> Arg {
    let forms = if table.is_required() { FORMS } else { "" };
    let help = format!("{}{forms}", table.spec().meaning);
    Arg::new(table.name()).long(table.flag()).value_name("FILE").help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_table_has_a_flag_that_names_its_file() {
        let command = || TableFiles::augment_args(Command::new("dealcast"));
        for table in InputTable::ALL {
            let flag = format!("--{}", table.flag());
            let matches = command().get_matches_from(["dealcast", &flag, "a.csv"]);
            let files = TableFiles::from_arg_matches(&matches).expect("files");
            assert_eq!(files.0, [(*table, "a.csv".to_owned())]);
        }
        let help = command().render_help().to_string();
        assert!(help.contains("--stage-history <FILE>") && help.contains("Calls, mails, meetings"), "{help}");
    }
}
