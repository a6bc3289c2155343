//! Two fields that matter together: each is cut into a few classes, and a row is in one cell of the two.
//!
//! What is stored of such a pair, and in which cell a row is. Which pairs are worth it is asked in `terms`.

use crate::features::cells::{CellLevel, Cells};
use crate::features::spec::{Measure, PairCell, PairSide};

/// A row that is in no class: nothing comparable is known of it.
pub(super) const NO_CLASS: u8 = u8::MAX;

impl PairSide {
    /// How many classes there are, those of other levels and of missing values among them.
    pub(super) fn classes(&self) -> usize {
        self.missing() as usize + 1
    }

    fn other(&self) -> u8 {
        if self.levels.is_empty() { self.cuts.len() as u8 + 1 } else { self.levels.len() as u8 }
    }

    fn missing(&self) -> u8 {
        self.other() + 1
    }

    /// The class of every row, or [`NO_CLASS`].
    pub(super) fn classes_of(&self, cells: &Cells) -> Vec<u8> {
        match cells {
            Cells::Numbers(values) => values.iter().map(|&value| self.class_of_number(value)).collect(),
            Cells::Levels(levels) => {
                let known = self.classes_of_levels();
                levels.iter().map(|&level| self.class_of_level(level, &known)).collect()
            }
        }
    }

    fn class_of_number(&self, value: f64) -> u8 {
        match value {
            x if x.is_nan() => self.class_of_absence(),
            x if x.is_infinite() => NO_CLASS,
            x => self.cuts.partition_point(|&cut| cut < x) as u8,
        }
    }

    fn class_of_absence(&self) -> u8 {
        if self.absence_is_neutral { NO_CLASS } else { self.missing() }
    }

    /// The class of each level the field knows.
    fn classes_of_levels(&self) -> Vec<u8> {
        let Measure::Level { levels, .. } = &*self.measure else { return Vec::new() };
        let class = |level| self.levels.iter().position(|own| own == level).map_or(self.other(), |at| at as u8);
        levels.iter().map(class).collect()
    }

    fn class_of_level(&self, level: CellLevel, known: &[u8]) -> u8 {
        match level {
            CellLevel::Known(at) => known.get(at as usize).copied().unwrap_or(NO_CLASS),
            CellLevel::Pooled => self.other(),
            CellLevel::Missing => self.class_of_absence(),
            CellLevel::Unseen => NO_CLASS,
        }
    }

    /// A class in words.
    pub(super) fn class_name(&self, class: u8) -> String {
        let at = usize::from(class);
        let phrase = |cut: f64| self.measure.phrase(cut);
        match (self.levels.get(at), self.cuts.get(at.wrapping_sub(1)), self.cuts.get(at)) {
            (Some(level), ..) => format!("{} {level}", self.field),
            _ if class == self.missing() => format!("{} missing", self.field),
            _ if class == self.other() => format!("{} other", self.field),
            (_, None, Some(&high)) => format!("{} up to {}", self.field, phrase(high)),
            (_, Some(&low), Some(&high)) => format!("{} above {} to {}", self.field, phrase(low), phrase(high)),
            (_, Some(&low), None) => format!("{} above {}", self.field, phrase(low)),
            (_, None, None) => format!("{} filled", self.field),
        }
    }
}

/// The cell of every row, given its classes: one of `cells`, or pooled with the other ones, or unseen where one of the two
/// says nothing.
pub(super) fn cells_of_pair(sides: [&PairSide; 2], classes: [Vec<u8>; 2], cells: &[PairCell]) -> Cells {
    let width = sides[1].classes();
    let mut known = vec![CellLevel::Pooled; sides[0].classes() * width];
    for (cell, position) in cells.iter().zip(0..) {
        if let Some(known) = known.get_mut(usize::from(cell.first) * width + usize::from(cell.second)) {
            *known = CellLevel::Known(position);
        }
    }
    let [first, second] = classes;
    let cell = |(first, second): (u8, u8)| match (first, second) {
        (NO_CLASS, _) | (_, NO_CLASS) => CellLevel::Unseen,
        (first, second) => known[usize::from(first) * width + usize::from(second)],
    };
    Cells::Levels(first.into_iter().zip(second).map(cell).collect())
}
