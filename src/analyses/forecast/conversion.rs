//! How much open pipeline does it take to win one unit of money?
//!
//! Dollar conversion = won value / (won + lost value) of deals closed in the 365 days before the as-of day. A node with
//! few closed deals is shrunk towards the company's: ten deals of average size at the company's rate are added to its
//! own (the usual conjugate shrinkage, the prior worth ten deals). Deals lost without an amount make the conversion
//! look better than it is; there is nothing to be done about that here.

/// Days of closings a conversion rests on.
pub(super) const TRAILING_DAYS: i32 = 365;

/// Average deals the company's rate weighs in a node's own.
const PRIOR_DEALS: f64 = 10.0;

/// What was closed in the trailing year, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Closings {
    pub won: i128,
    pub lost: i128,
    pub deals: u32,
}

impl Closings {
    /// 1 / own dollar conversion, 1 and up; `None` where the company closed nothing of value or won nothing.
    pub(super) fn required_coverage(&self, company: &Self) -> Option<f64> {
        let (company_won, company_closed) = company.won_and_closed();
        if company_closed <= 0.0 || company.deals == 0 {
            return None;
        }
        let prior = PRIOR_DEALS * company_closed / f64::from(company.deals);
        let (won, closed) = self.won_and_closed();
        let conversion = (won + prior * company_won / company_closed) / (closed + prior);
        // Where nothing was lost the quotient may come out a last digit above 1.
        (conversion > 0.0).then(|| 1.0 / conversion.min(1.0))
    }

    /// Negative sums (credits) count as none.
    fn won_and_closed(&self) -> (f64, f64) {
        let (won, lost) = (self.won.max(0) as f64, self.lost.max(0) as f64);
        (won, won + lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_deals_are_drawn_to_the_company() {
        let company = Closings { won: 25_000, lost: 75_000, deals: 100 };
        assert_eq!(company.required_coverage(&company), Some(4.0));
        assert_eq!(Closings::default().required_coverage(&company), Some(4.0));
        // python3: (1000 + 10*1000*0.25) / (1000 + 10*1000) = 3500/11000 -> 22/7
        let lucky = Closings { won: 1_000, lost: 0, deals: 1 };
        assert!(lucky.required_coverage(&company).is_some_and(|c| (c - 22.0 / 7.0).abs() < 1e-12));
    }

    #[test]
    fn no_rounding_brings_it_below_one() {
        for won in 1..2_000_i128 {
            let (company, own) = (Closings { won: 7 * won, lost: 0, deals: 3 }, Closings { won, lost: 0, deals: 1 });
            let coverage = own.required_coverage(&company).expect("something was won");
            assert!((1.0..1.000_001).contains(&coverage), "{coverage} with {won} won");
        }
    }

    #[test]
    fn no_closings_no_coverage() {
        let nothing = Closings::default();
        assert_eq!(nothing.required_coverage(&nothing), None);
        let only_lost = Closings { won: 0, lost: 500, deals: 1 };
        assert_eq!(only_lost.required_coverage(&only_lost), None);
    }
}
