//! The period head: win, lose or slip by a day, learnt on top of the win model.

pub(super) mod ahead;
pub(super) mod choice;
pub(super) mod course;
pub(super) mod fit;
pub(super) mod head;
pub(super) mod lines;
pub(super) mod of_late;
pub(super) mod pace;
#[cfg(test)]
mod properties;
pub(super) mod rows;
pub(super) mod terms;
#[cfg(test)]
mod tests;
pub(super) mod trial;
