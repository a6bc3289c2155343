//! A model as JSON: named by its content, refused where another version wrote it.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::day::MOST_DAYS;
use crate::features::{FEATURE_LAYOUT, Measure};
use crate::model::error::ModelError;
use crate::model::period::of_late::PaceOfLate;
use crate::model::period::pace::PaceStep;
use crate::model::win_model::{FORMAT_VERSION, WinModel};

/// Hexadecimal digits of the content's hash in a model's id.
const HASH_DIGITS: usize = 8;

/// Read first, and alone: another format may have anything else in it.
#[derive(Deserialize)]
struct StoredFormat {
    format_version: u32,
}

/// Read second: another layout may have other features.
#[derive(Deserialize)]
struct StoredEncoding {
    spec: StoredLayout,
}

#[derive(Deserialize)]
struct StoredLayout {
    layout: u32,
}

impl WinModel {
    /// The same model with its id: the as-of day and the first digits of the BLAKE3 hash of everything else in it.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.model_id = self.content_id();
        self
    }

    /// The id that belongs to the content.
    fn content_id(&self) -> String {
        let content = Self { model_id: String::new(), ..self.clone() };
        let json = serde_json::to_vec(&content).unwrap_or_default();
        let hash = blake3::hash(&json).to_hex();
        format!("{}-{}", self.as_of, &hash[..HASH_DIGITS])
    }

    /// The stored form: indented JSON, the same bytes for the same model.
    ///
    /// A number that is not finite becomes `null`, which [`WinModel::from_json`] refuses; a trained model has none.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }

    /// Reads the stored form; `file` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::OtherVersion`] for a model of another format or feature layout, [`ModelError::Corrupt`] for
    /// anything that is not a whole, unchanged model.
    pub fn from_json(json: &str, file: &str) -> Result<Self, ModelError> {
        let StoredFormat { format_version } = read(json, file)?;
        check_version(file, "format_version", format_version, FORMAT_VERSION)?;
        let StoredEncoding { spec } = read(json, file)?;
        check_version(file, "feature layout", spec.layout, FEATURE_LAYOUT)?;
        let model: Self = read(json, file)?;
        let id = model.content_id();
        if id != model.model_id {
            return Err(corrupt(file, format!("its content belongs to {id:?}, expected {:?}", model.model_id)));
        }
        model.check().map_err(|reason| corrupt(file, reason.to_owned()))?;
        Ok(model)
    }

    /// Whether the parts fit together, so that scoring cannot go out of bounds. (JSON holds finite numbers only.)
    fn check(&self) -> Result<(), &'static str> {
        let (spec, win, period) = (&self.spec, &self.win, &self.period);
        let (features, columns) = (spec.features.len(), period.columns.len());
        let fits = [win.weights.len(), period.soon_weights.len()] == [features; 2]
            && [period.win_weights.len(), period.lose_weights.len()] == [columns; 2];
        if !fits {
            return Err("it has other weights than features");
        }
        // Where the curvature at the optimum cannot be inverted there are none.
        if !win.std_errors.is_empty() && win.std_errors.len() != features {
            return Err("it has other standard errors than features");
        }
        let ordered = spec.features.windows(2).all(|pair| pair[0].field <= pair[1].field);
        if !ordered || spec.features.iter().any(|feature| feature.field >= spec.fields.len()) {
            return Err("its features do not follow its fields");
        }
        let mut spread = spec.features.iter().map(|f| f.sd).chain(period.columns.iter().map(|c| c.sd));
        if spread.any(|sd| sd <= 0.0) {
            return Err("a standard deviation is not above 0");
        }
        if period.columns.iter().any(|column| column.range[0] > column.range[1]) {
            return Err("a range ends before it begins");
        }
        let PaceOfLate { win: win_of_late, lose: lose_of_late } = period.of_late;
        if ![&period.pace, &period.by_age].into_iter().all(|steps| ascends(steps))
            || win_of_late.min(lose_of_late) < 0.0
        {
            return Err("a pace is below 0, or its days do not ascend");
        }
        if !spec.fields.iter().all(|field| parallel(&field.measure)) {
            return Err("the counts of a win rate are not parallel");
        }
        if !(1..=MOST_DAYS).contains(&self.horizon_days) {
            return Err("its horizon is not 1 to 36525 days");
        }
        if !self.evaluation.is_possible() {
            return Err("a share of its evaluation is not 0 to 1");
        }
        Ok(())
    }
}

/// Whether no step is below 0, and each begins after the one before.
fn ascends(pace: &[PaceStep]) -> bool {
    pace.iter().all(|step| step.win >= 0.0 && step.lose >= 0.0) && pace.is_sorted_by(|a, b| a.from_day < b.from_day)
}

/// Whether the columns of a rate's history are of one length.
fn parallel(measure: &Measure) -> bool {
    match measure {
        Measure::Rate { rates, .. } => {
            rates.levels.iter().all(|level| [level.won.len(), level.closed.len()] == [level.known_from.len(); 2])
        }
        Measure::Pair { first, second, .. } => parallel(&first.measure) && parallel(&second.measure),
        _ => true,
    }
}

/// Part of the stored form, or what is wrong and on which line.
fn read<T: DeserializeOwned>(json: &str, file: &str) -> Result<T, ModelError> {
    serde_json::from_str(json).map_err(|error| corrupt(file, error.to_string()))
}

fn corrupt(file: &str, reason: String) -> ModelError {
    ModelError::Corrupt { file: file.to_owned(), reason }
}

fn check_version(file: &str, what: &'static str, got: u32, expected: u32) -> Result<(), ModelError> {
    if got == expected { Ok(()) } else { Err(ModelError::OtherVersion { file: file.to_owned(), what, got, expected }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::stored_fixtures::{model, models};

    /// The stored form of the sample after a change to its JSON.
    fn changed(change: impl FnOnce(&mut Value)) -> String {
        let mut value = serde_json::to_value(model()).unwrap();
        change(&mut value);
        value.to_string()
    }

    /// The sample after a change that is sealed in, as if another program had written it.
    fn resealed(change: impl FnOnce(&mut WinModel)) -> Result<WinModel, ModelError> {
        let mut model = model();
        change(&mut model);
        WinModel::from_json(&model.sealed().to_json().unwrap(), "m.json")
    }

    fn reason(read: Result<WinModel, ModelError>) -> String {
        match read {
            Err(ModelError::Corrupt { file, reason }) if file == "m.json" => reason,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_model_survives_json_to_the_bit(model in models()) {
            let json = model.to_json().unwrap();
            let read = WinModel::from_json(&json, "m.json").unwrap();
            prop_assert_eq!(read.to_json().unwrap(), json);
            prop_assert_eq!(read.base_rate.to_bits(), model.base_rate.to_bits());
            for (read, fitted) in read.win.weights.iter().zip(&model.win.weights) {
                prop_assert_eq!(read.to_bits(), fitted.to_bits());
            }
            prop_assert_eq!(&model.clone().sealed(), &model, "sealing is idempotent");
            prop_assert_eq!(read, model);
        }

        #[test]
        fn a_file_cut_off_anywhere_is_refused_with_the_line(model in models(), at in any::<prop::sample::Index>()) {
            let json = model.to_json().unwrap();
            // The last two bytes are the closing brace and the line end.
            let cut = String::from_utf8_lossy(&json.as_bytes()[..at.index(json.len() - 1)]);
            prop_assert!(reason(WinModel::from_json(&cut, "m.json")).contains("line "), "{}", cut);
        }

        #[test]
        fn a_changed_byte_is_refused_or_means_nothing(at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
            let model = model();
            let mut bytes = model.to_json().unwrap().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(read) = WinModel::from_json(&String::from_utf8_lossy(&bytes), "m.json") {
                prop_assert_eq!(read, model);
            }
        }

        #[test]
        fn anything_else_is_refused(text in ".*") {
            prop_assert!(WinModel::from_json(&text, "m.json").is_err());
        }
    }

    #[test]
    fn the_id_is_the_day_and_the_content() {
        let model = model();
        let (day, hash) = model.model_id.split_at(10);
        assert_eq!(day, model.as_of.to_string());
        assert!(hash.len() == 9 && hash.starts_with('-') && hash[1..].chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
        let mut other = model.clone();
        other.win.weights[0] += 1e-6;
        assert_ne!(other.sealed().model_id, model.model_id);
    }

    #[test]
    fn other_versions_are_named_whatever_else_is_in_the_file() {
        let newer = FORMAT_VERSION + 1;
        for json in [
            changed(|value| value["format_version"] = json!(newer)),
            format!("{{\"format_version\": {newer}, \"trees\": []}}"),
            format!("{{\"format_version\": {newer}, \"spec\": \"elsewhere\"}}"),
        ] {
            let error = WinModel::from_json(&json, "m.json").unwrap_err();
            assert_eq!(error.to_string(), format!("m.json: format_version is {newer}, expected {FORMAT_VERSION}"));
        }
        let newer = FEATURE_LAYOUT + 1;
        let layout = changed(|value| value["spec"] = json!({ "layout": newer, "columns": {} }));
        let error = WinModel::from_json(&layout, "m.json").unwrap_err();
        assert_eq!(error.to_string(), format!("m.json: feature layout is {newer}, expected {FEATURE_LAYOUT}"));
    }

    #[test]
    fn a_change_by_hand_shows() {
        for json in [
            changed(|value| value["base_rate"] = json!(0.9)),
            changed(|value| value["verdict"] = json!("perfect")),
            changed(|value| value["model_id"] = json!("2026-01-01-00000000")),
            changed(|value| value["spec"]["fields"][0]["name"] = json!("luck")),
        ] {
            assert!(reason(WinModel::from_json(&json, "m.json")).starts_with("its content belongs to"));
        }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused_even_if_sealed() {
        type Case = (&'static str, fn(&mut WinModel));
        let cases: [Case; 17] = [
            ("other weights", |m| m.win.weights.truncate(1)),
            ("other weights", |m| m.period.soon_weights.push(0.0)),
            ("other weights", |m| m.period.columns.truncate(1)),
            ("other standard errors", |m| m.win.std_errors.truncate(1)),
            ("do not follow", |m| m.spec.features[0].field = 99),
            ("do not follow", |m| m.spec.features.reverse()),
            ("not above 0", |m| m.spec.features[1].sd = 0.0),
            ("not above 0", |m| m.period.columns[0].sd = -1.0),
            ("ends before", |m| m.period.columns[0].range = [1.0, 0.5]),
            ("a pace", |m| m.period.pace[1].win = -0.1),
            ("a pace", |m| m.period.pace.reverse()),
            ("a pace", |m| m.period.by_age.reverse()),
            ("a pace", |m| m.period.of_late.lose = -0.5),
            ("horizon", |m| m.horizon_days = 0),
            ("horizon", |m| m.horizon_days = u32::MAX),
            ("share", |m| m.evaluation.reliability[0].observed = -0.4),
            ("share", |m| m.evaluation.rows[0].brier = 1.1),
        ];
        for (expected, change) in cases {
            let reason = reason(resealed(change));
            assert!(reason.contains(expected), "{expected}: {reason}");
        }
        let uneven = |m: &mut WinModel| {
            for field in &mut m.spec.fields {
                if let Measure::Rate { rates, .. } = &mut field.measure {
                    rates.levels[0].won.clear();
                }
            }
        };
        assert!(reason(resealed(uneven)).contains("not parallel"));
        assert!(resealed(|m| m.win.std_errors.clear()).is_ok(), "a model without standard errors is one");
        let endless = reason(resealed(|m| m.win.weights[0] = f64::INFINITY));
        assert!(endless.contains("null") && endless.contains("line "), "{endless}");
    }
}
