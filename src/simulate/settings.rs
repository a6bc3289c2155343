//! The world's `dealcast.toml`: where its tables are, its stages, calendar and base currency.

use std::fmt::Write;

use crate::domain::inputs::InputTable;
use crate::simulate::catalogue::{CRM_PROBABILITY, LOST, WON, base_currency, stage_name};
use crate::simulate::config::FileFormat;
use crate::simulate::crm::CrmExport;

/// Names of the tables the configuration points to: nobody has submitted a forecast in a simulated world.
fn tables() -> impl Iterator<Item = &'static str> {
    InputTable::ALL.iter().filter(|table| **table != InputTable::Revisions).map(|table| table.name())
}

/// The text of the configuration; paths are relative to its own folder.
#[must_use]
pub fn dealcast_toml(format: FileFormat) -> String {
    let mut text = "# A simulated sales world. Every column has its canonical name, so nothing is mapped.\n".to_owned();
    for table in tables() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n[sources.{table}]\npath = \"{table}.{}\"\n", format.extension());
    }
    for stage in 0..=LOST {
        let (kind, category) = match stage {
            WON => ("won", "closed"),
            LOST => ("lost", "omitted"),
            2 => ("open", "best-case"),
            3 => ("open", "commit"),
            _ => ("open", "pipeline"),
        };
        let probability = CRM_PROBABILITY[usize::from(stage)];
        let _ = write!(
            text,
            "\n[[stages]]\nname = \"{}\"\nkind = \"{kind}\"\ncategory = \"{category}\"\nprobability = {probability:?}\n",
            stage_name(stage)
        );
    }
    text.push_str("\n[calendar]\ntime_zone = \"UTC\"\nfiscal_year_start = 1\nscore_period = \"quarter\"\n");
    let _ = write!(text, "\n[money]\nbase_currency = \"{}\"\n", base_currency());
    text
}

/// The configuration of what an export carries, under canonical names: of a stage no more is known than how it ends deals.
#[must_use]
pub fn carried_toml(export: &CrmExport) -> String {
    let mut text = "# What a CRM's export says of a simulated sales world, under canonical names.\n".to_owned();
    for table in export.tables() {
        let _ = write!(text, "\n[sources.{table}]\npath = \"{table}.csv\"\n");
    }
    for stage in export.stages() {
        let kind = match stage {
            WON => "won",
            LOST => "lost",
            _ => "open",
        };
        let _ = write!(text, "\n[[stages]]\nname = \"{}\"\nkind = \"{kind}\"\n", stage_name(stage));
    }
    let _ = write!(text, "\n[money]\nbase_currency = \"{}\"\n", base_currency());
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stage::{Stage, StageKind};

    #[test]
    fn the_stages_read_back_as_the_domain_knows_them() {
        let value: toml::Table = dealcast_toml(FileFormat::Csv).parse().unwrap();
        let stages: Vec<Stage> = value["stages"].clone().try_into().unwrap();
        assert_eq!(stages.len(), 6);
        assert_eq!(
            (stages[4].name.as_str(), stages[4].kind, stages[4].probability),
            ("Closed Won", StageKind::Won, Some(1.0))
        );
        assert_eq!(stages.iter().filter(|stage| stage.kind == StageKind::Open).count(), 4);
        assert_eq!(value["sources"]["fx_rates"]["path"].as_str(), Some("fx_rates.csv"));
    }
}
