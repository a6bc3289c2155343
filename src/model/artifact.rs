//! A model as JSON: named by its content, refused where another version wrote it.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::{FORMAT_VERSION, ModelError, WinModel};
use crate::features::FEATURE_LAYOUT;

/// Hexadecimal digits of the content's hash in a model's id.
const HASH_DIGITS: usize = 8;

/// What is read first, so that a model of another version is named as such and not as a list of missing keys.
#[derive(Deserialize)]
struct Versions {
    format_version: u32,
    spec: Layout,
}

#[derive(Deserialize)]
struct Layout {
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
    /// # Errors
    /// Where a number of the model is not finite.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|json| json + "\n")
    }

    /// Reads the stored form; `file` names it in errors.
    ///
    /// # Errors
    /// [`ModelError::OtherVersion`] for a model of another format or feature layout, [`ModelError::Corrupt`] for
    /// anything that is not a whole, unchanged model.
    pub fn from_json(json: &str, file: &str) -> Result<Self, ModelError> {
        let corrupt = |reason: String| ModelError::Corrupt { file: file.to_owned(), reason };
        let versions: Versions = serde_json::from_str(json).map_err(|error| corrupt(error.to_string()))?;
        let supported = [
            ("format_version", versions.format_version, FORMAT_VERSION),
            ("feature layout", versions.spec.layout, FEATURE_LAYOUT),
        ];
        for (what, got, expected) in supported {
            if got != expected {
                return Err(ModelError::OtherVersion { file: file.to_owned(), what, got, expected });
            }
        }
        let model: Self = serde_json::from_str(json).map_err(|error| corrupt(error.to_string()))?;
        let id = model.content_id();
        if id != model.model_id {
            return Err(corrupt(format!("its content belongs to {id:?}, expected {:?}", model.model_id)));
        }
        model.check().map_err(|reason| corrupt(reason.to_owned()))?;
        Ok(model)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ModelError::Io`], and those of [`WinModel::from_json`].
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let file = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => Self::from_json(&String::from_utf8_lossy(&bytes), &file),
            Err(source) => Err(ModelError::Io { action: "read", file, source }),
        }
    }

    /// Whether the parts fit together, so that scoring cannot go out of bounds.
    fn check(&self) -> Result<(), &'static str> {
        let (features, columns) = (self.spec.features.len(), self.period.columns.len());
        let fits = [self.win.weights.len(), self.period.soon_weights.len()] == [features; 2]
            && [self.period.win_weights.len(), self.period.lose_weights.len()] == [columns; 2];
        if !fits {
            return Err("it has other weights than features");
        }
        let fields = self.spec.fields.len();
        let ordered = self.spec.features.windows(2).all(|pair| pair[0].field <= pair[1].field);
        if !ordered || self.spec.features.iter().any(|feature| feature.field >= fields) {
            return Err("its features do not follow its fields");
        }
        let spread = self.spec.features.iter().map(|f| f.sd).chain(self.period.columns.iter().map(|c| c.sd));
        if spread.into_iter().any(|sd| sd <= 0.0) {
            return Err("a standard deviation is not above 0");
        }
        if self.horizon_days == 0 {
            return Err("its horizon is 0 days");
        }
        Ok(())
    }
}
