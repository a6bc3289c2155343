//! In whose shape a world is written: the name of a shape, and which shapes there are. Writes nothing itself.

use crate::domain::inputs::InputTable;
use crate::presets::{ExportShape, Preset, export_shapes};

/// In whose shape a world is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrmForm {
    /// The name of the shape.
    pub shape: String,
    /// Whether what the shape carries is written under canonical names, to hold a reading of the export against.
    pub canonical: bool,
}

impl CrmForm {
    /// Every shape there is.
    pub fn shapes() -> impl Iterator<Item = &'static str> {
        export_shapes().map(|(_, shape)| shape.name.as_str())
    }

    /// Whether the shape has exchange rates, which worlds of several currencies need.
    #[must_use]
    pub fn has_rates(&self) -> bool {
        self.found().is_some_and(|(_, shape)| shape.table(InputTable::FxRates).is_some())
    }

    /// The shape with the preset it belongs to, where there is one of this name.
    pub(super) fn found(&self) -> Option<(&'static Preset, &'static ExportShape)> {
        export_shapes().find(|(_, shape)| shape.name == self.shape)
    }
}
