//! `[sources]`: which input tables are given. The tables are those of [`InputTable`], and so are the keys.
//!
//! Written configurations keep the shape their checksums rest on: every table a field in the declared order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::config::fault::Fault;
use crate::config::mapping::TableSource;
use crate::domain::inputs::InputTable;

/// Where the input tables that are given come from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct TableSources(BTreeMap<InputTable, TableSource>);

impl TableSources {
    /// Where a table comes from, if it is given.
    #[must_use]
    pub fn get(&self, table: InputTable) -> Option<&TableSource> {
        self.0.get(&table)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, table: InputTable) -> Option<&mut TableSource> {
        self.0.get_mut(&table)
    }

    /// Whether a table is given.
    #[must_use]
    pub fn has(&self, table: InputTable) -> bool {
        self.0.contains_key(&table)
    }

    /// Gives a table.
    pub fn set(&mut self, table: InputTable, source: TableSource) {
        self.0.insert(table, source);
    }

    /// The source of a table, which is given from now on.
    pub fn get_or_default(&mut self, table: InputTable) -> &mut TableSource {
        self.0.entry(table).or_default()
    }

    /// Takes a table away.
    pub fn remove(&mut self, table: InputTable) -> Option<TableSource> {
        self.0.remove(&table)
    }

    /// The tables that are given, in the declared order.
    pub fn iter(&self) -> impl Iterator<Item = (InputTable, &TableSource)> {
        self.0.iter().map(|(table, source)| (*table, source))
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        for (table, source) in self.iter() {
            if let Some(mark) = source.decimal_mark.filter(|mark| !matches!(mark, '.' | ',')) {
                let key = format!("sources.{table}.decimal_mark");
                return Err(Fault::new(key, format!("{mark:?}"), "\".\" or \",\""));
            }
            if source.units_per_base && table != InputTable::FxRates {
                let key = format!("sources.{table}.units_per_base");
                return Err(Fault::new(
                    key,
                    "true".to_owned(),
                    "it under [sources.fx_rates]: only rates are turned round",
                ));
            }
            let of_copies = [
                ("copies", source.copies.is_some()),
                ("vanished", !source.vanished.is_empty()),
                ("keep_in", source.keep_in.is_some()),
            ];
            if source.newest_by.is_some() && !matches!(table, InputTable::Deals | InputTable::Leads) {
                let key = format!("sources.{table}.newest_by");
                let wanted = "it under [sources.deals] or [sources.leads]: only these have one row per id";
                return Err(Fault::new(key, "given".to_owned(), wanted));
            }
            let given = of_copies.into_iter().find(|(_, given)| *given && table != InputTable::Deals);
            if let Some((key, _)) = given {
                let key = format!("sources.{table}.{key}");
                return Err(Fault::new(key, "given".to_owned(), "it under [sources.deals]: only deals have copies"));
            }
        }
        Ok(())
    }

    /// The tables that could be given and are not, with what that costs.
    pub fn absent(&self) -> impl Iterator<Item = (InputTable, &'static str)> {
        let optional = InputTable::ALL.iter().filter_map(|table| Some((*table, table.spec().cost_of_absence?)));
        // copies of the deals table are their history, and so are columns with the days of stages
        let tells = |deals: &TableSource| deals.copies.is_some() || !deals.entered.is_empty();
        let has_history = self.get(InputTable::Deals).is_some_and(tells);
        optional.filter(move |(table, _)| !(self.has(*table) || has_history && *table == InputTable::StageHistory))
    }
}

impl Serialize for TableSources {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("TableSources", InputTable::ALL.len())?;
        for table in InputTable::ALL {
            let source = self.get(*table);
            if source.is_some() || table.spec().null_when_absent {
                fields.serialize_field(table.name(), &source)?;
            } else {
                fields.skip_field(table.name())?;
            }
        }
        fields.end()
    }
}

impl JsonSchema for TableSources {
    fn schema_name() -> Cow<'static, str> {
        "TableSources".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let source = generator.subschema_for::<TableSource>();
        let properties: Map<String, Value> =
            InputTable::ALL.iter().map(|table| (table.name().to_owned(), described(source.clone(), *table))).collect();
        json_schema!({
            "description": "Where the input tables that are given come from.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// The schema of a table's source, with what the table holds.
fn described(mut source: Schema, table: InputTable) -> Value {
    let required = if table.is_required() { " Required, here or on the command line." } else { "" };
    source.insert("description".to_owned(), format!("{}.{required}", table.spec().meaning).into());
    source.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// A configuration that gives every table.
    fn complete() -> Config {
        let sections = InputTable::ALL.iter().map(|table| format!("[sources.{table}]\npath = \"{table}.csv\"\n"));
        Config::parse(&sections.collect::<String>(), "dealcast.toml").expect("a configuration")
    }

    #[test]
    fn every_declared_table_has_a_key_and_its_schema() {
        let sources = complete().sources;
        let schema = crate::config::json_schema();
        let properties = &schema["$defs"]["TableSources"]["properties"];
        for table in InputTable::ALL {
            assert_eq!(sources.get(*table).expect("given").path, format!("{table}.csv"));
            let description = properties[table.name()]["description"].as_str().expect("a description");
            assert!(description.starts_with(table.spec().meaning), "{description}");
        }
        assert_eq!(properties.as_object().expect("properties").len(), InputTable::ALL.len());
    }

    #[test]
    fn an_absent_table_is_named_with_what_that_costs() {
        assert_eq!(complete().sources.absent().count(), 0);
        for table in InputTable::ALL {
            let mut sources = complete().sources;
            sources.remove(*table);
            let absent: Vec<_> = sources.absent().collect();
            let expected: Vec<_> = table.spec().cost_of_absence.map(|cost| (*table, cost)).into_iter().collect();
            assert_eq!(absent, expected);
        }
    }

    #[test]
    fn a_misspelt_table_is_told_with_its_place_and_the_likely_one() {
        let error = Config::parse("[sources.quota]\npath = \"a.csv\"\n", "dealcast.toml").expect_err("no such table");
        assert!(error.to_string().starts_with("dealcast.toml: TOML parse error at line 1, column"), "{error}");
        assert_eq!(error.hint().as_deref(), Some("did you mean `quotas`?"));
    }

    #[test]
    fn a_written_configuration_has_the_shape_its_checksums_rest_on() {
        // As version 0.1 wrote it: leads and touches came later, and are not there where they are not given.
        let written = serde_json::to_value(TableSources::default()).expect("written");
        let expected = serde_json::json!({
            "deals": null, "stage_history": null, "activities": null, "quotas": null, "users": null, "fx_rates": null,
            "campaign_costs": null, "revisions": null,
        });
        assert_eq!(written, expected);
        let names: Vec<String> = complete_keys();
        assert_eq!(names, InputTable::NAMES);
    }

    /// The keys of a complete configuration in the order in which they are written.
    fn complete_keys() -> Vec<String> {
        let text = toml::to_string(&complete()).expect("written");
        let heads = text.lines().filter_map(|line| line.strip_prefix("[sources.")?.strip_suffix(']'));
        heads.filter(|head| !head.contains('.')).map(str::to_owned).collect()
    }
}
