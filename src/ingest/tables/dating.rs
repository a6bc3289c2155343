//! Which days the deals table names: [`Dating`].

/// What is known of when deals were created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dating {
    /// Every deal has a day of its own: it is given, or follows from other events.
    #[default]
    Given,
    /// No column of the deals table says when they were created: the first known event of each counts, or the newest of all.
    ByEvents,
    /// Of several files some say when deals were created, and some do not: of the deals of these the first known event
    /// counts, or the newest of all.
    InSomeFiles {
        /// Deals of the others.
        undated: u64,
    },
    /// No deal has any date: nothing is known but that they are there.
    Nowhere,
}
