//! What a sum is made of: open deals, changes of amounts, deals not yet created, and the factor all share.

/// An open deal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenProspect {
    /// Present amount, minor units.
    pub amount: f64,
    /// Chance to be won in the period, 0 to 1.
    pub chance: f64,
}

/// A value and the share of cases that have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Atom {
    /// The value.
    pub value: f64,
    /// Its share; shares of a list add up to 1.
    pub share: f64,
}

/// What will be added to what is won already.
#[derive(Clone, Copy, Debug)]
pub struct Ingredients<'a> {
    /// The open deals.
    pub deals: &'a [OpenProspect],
    /// What an amount is multiplied with on its way to the win.
    pub changes: &'a [Atom],
    /// Deals not yet created that are expected to be won.
    pub new_deals: f64,
    /// Their amounts, minor units.
    pub new_amounts: &'a [Atom],
    /// Standard deviation of the factor: what is added to the log-odds of every deal and to the log of the number of new
    /// ones, alike for all.
    pub factor_sd: f64,
}
