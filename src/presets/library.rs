//! The data files, compiled in and read once.

use std::sync::OnceLock;

use crate::presets::export::ExportShape;
use crate::presets::preset::Preset;

/// The text of each data file; where two fit a file as well, the first counts. `plain` comes last.
const FILES: [&str; 10] = [
    include_str!("salesforce.toml"),
    include_str!("hubspot.toml"),
    include_str!("pipedrive.toml"),
    include_str!("dynamics365.toml"),
    include_str!("odoo.toml"),
    include_str!("vtiger.toml"),
    include_str!("espocrm.toml"),
    include_str!("zoho.toml"),
    include_str!("warehouse.toml"),
    include_str!("plain.toml"),
];

/// Every preset. A file that were not well-formed would be missing here; a test holds that none is.
#[must_use]
pub fn presets() -> &'static [Preset] {
    static PRESETS: OnceLock<Vec<Preset>> = OnceLock::new();
    PRESETS.get_or_init(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect())
}

/// Every shape a simulated world can be written in, with the preset it is of.
pub fn export_shapes() -> impl Iterator<Item = (&'static Preset, &'static ExportShape)> {
    presets().iter().flat_map(|preset| preset.exports.iter().map(move |shape| (preset, shape)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::inputs::InputTable;
    use crate::presets::export::HistoryRows;
    use crate::presets::header::Verified;
    use crate::presets::role::TableRole;

    #[test]
    fn every_data_file_is_well_formed_and_its_columns_are_declared_inputs() {
        for text in FILES {
            let preset: Preset = toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{}", &text[..40]));
            for table in &preset.tables {
                let place = format!("{} {}", preset.name, table.role);
                assert!(!table.files.is_empty() && !table.headers.is_empty(), "{place}");
                for style in &table.headers {
                    assert!(!style.source.is_empty() && !style.language.is_empty(), "{place} {}", style.style);
                    for name in style.columns.keys() {
                        assert!(table.role.has_column(name), "{place}: {name} is no declared input");
                    }
                }
                let translated = table.values.keys();
                assert!(translated.into_iter().all(|name| table.role.has_column(name)), "{place}");
            }
        }
        assert_eq!(presets().len(), FILES.len());
        let names: BTreeSet<&str> = presets().iter().map(|preset| preset.name.as_str()).collect();
        assert_eq!(names.len(), FILES.len(), "no two of one name");
        assert_eq!(presets().last().map(|preset| preset.name.as_str()), Some("plain"));
    }

    #[test]
    fn every_preset_can_make_a_deals_table() {
        for preset in presets() {
            let deals = preset.tables.iter().filter(|table| table.role.name() == "deals");
            let complete = deals.flat_map(|table| &table.headers).all(|style| {
                ["deal_id", "created_at", "amount"].iter().all(|column| style.columns.contains_key(*column))
                    && (style.columns.contains_key("stage") || style.columns.contains_key("status"))
            });
            assert!(complete, "{}", preset.name);
            assert!(preset.tables.iter().any(|table| table.role == TableRole::Stages || table.role.name() != "deals"));
        }
    }

    #[test]
    fn crms_that_localise_headers_are_known_in_six_languages() {
        for name in ["salesforce", "hubspot", "pipedrive", "dynamics365", "odoo", "espocrm", "zoho"] {
            let preset = presets().iter().find(|preset| preset.name == name).expect("a preset");
            let languages: BTreeSet<&str> =
                preset.tables.iter().flat_map(|table| &table.headers).map(|style| style.language.as_str()).collect();
            for language in ["en", "de", "fr", "es", "nl", "pt"] {
                assert!(languages.contains(language), "{name}: {language}");
            }
        }
        let unseen = presets().iter().flat_map(|preset| &preset.tables).flat_map(|table| &table.headers);
        let from_memory = unseen.filter(|style| style.source.ends_with("interface, from memory"));
        assert!(from_memory.into_iter().all(|style| style.verified == Verified::Unverified));
    }

    #[test]
    fn every_shape_writes_headers_its_preset_reads() {
        let mut names = BTreeSet::new();
        for (preset, shape) in export_shapes() {
            assert!(names.insert(&shape.name), "{} twice", shape.name);
            assert!(shape.table(InputTable::Deals).is_some(), "{}", shape.name);
            for table in &shape.tables {
                let beside = table.rows == HistoryRows::Entered;
                let chosen = table.choose.values().map(String::as_str);
                let known_names: Vec<&str> =
                    preset.table(table.role, &table.style).into_iter().flat_map(|(_, header)| header.known()).collect();
                assert!(
                    chosen.into_iter().all(|name| known_names.contains(&name)),
                    "{}: {:?}",
                    shape.name,
                    table.choose
                );
                let known = preset.table(table.role, &table.style).is_some() && !table.file.is_empty();
                assert!(
                    known || beside && !table.entered.is_empty(),
                    "{}: {} {:?}",
                    shape.name,
                    table.role,
                    table.style
                );
            }
        }
    }
}
