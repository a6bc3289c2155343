//! The world's constants: stages, sources, products, segments, regions, competitors and how each affects a deal.
//!
//! An `effect` is added to a deal's *index* (see [`DealProspects`](crate::simulate::process::DealProspects)): +1 raises the odds to advance
//! against losing about threefold at every step. Names are invented.

/// Names of the open stages, in order.
pub const STAGES: [&str; 4] = ["Qualification", "Discovery", "Proposal", "Negotiation"];

/// Number of open stages; `WON` and `LOST` stand right behind them.
pub const OPEN_STAGES: usize = STAGES.len();

/// Stage number of a won deal.
pub const WON: u8 = OPEN_STAGES as u8;

/// Stage number of a lost deal.
pub const LOST: u8 = WON + 1;

/// Chance to win the CRM shows by stage number.
pub const CRM_PROBABILITY: [f64; 6] = [0.1, 0.25, 0.5, 0.75, 1.0, 0.0];

/// Forecast categories, as labels.
pub const CATEGORIES: [&str; 5] = ["Pipeline", "Best Case", "Commit", "Closed", "Omitted"];

/// The name of a stage number.
#[must_use]
pub fn stage_name(stage: u8) -> &'static str {
    match stage {
        WON => "Closed Won",
        LOST => "Closed Lost",
        open => STAGES.get(usize::from(open)).copied().unwrap_or("Closed Lost"),
    }
}

/// Where deals come from.
pub struct MarketingSource {
    /// Name.
    pub name: &'static str,
    /// Share of deals.
    pub share: f64,
    /// Effect on the index at the world's start.
    pub effect: f64,
    /// Change of the effect per year.
    pub drift: f64,
    /// Marketing spend per deal, in the base currency.
    pub cost: f64,
    /// Share of its leads that become deals.
    pub lead_rate: f64,
    /// What its campaigns are called; `None` where there are none.
    pub campaign: Option<&'static str>,
}

/// All sources.
pub const SOURCES: [MarketingSource; 7] = [
    MarketingSource {
        name: "Referral",
        share: 0.12,
        effect: 0.70,
        drift: 0.00,
        cost: 45.0,
        lead_rate: 0.65,
        campaign: None,
    },
    MarketingSource {
        name: "Inbound",
        share: 0.26,
        effect: 0.25,
        drift: -0.10,
        cost: 120.0,
        lead_rate: 0.45,
        campaign: None,
    },
    MarketingSource {
        name: "Webinar",
        share: 0.12,
        effect: -0.10,
        drift: 0.12,
        cost: 210.0,
        lead_rate: 0.30,
        campaign: Some("Web seminar"),
    },
    MarketingSource {
        name: "Trade Show",
        share: 0.10,
        effect: 0.15,
        drift: -0.22,
        cost: 650.0,
        lead_rate: 0.35,
        campaign: Some("Fair"),
    },
    MarketingSource {
        name: "Partner",
        share: 0.14,
        effect: 0.30,
        drift: 0.10,
        cost: 90.0,
        lead_rate: 0.60,
        campaign: None,
    },
    MarketingSource {
        name: "Outbound",
        share: 0.18,
        effect: -0.50,
        drift: 0.00,
        cost: 160.0,
        lead_rate: 0.40,
        campaign: Some("Call week"),
    },
    MarketingSource {
        name: "Paid Search",
        share: 0.08,
        effect: -0.20,
        drift: -0.22,
        cost: 340.0,
        lead_rate: 0.35,
        campaign: Some("Search ads"),
    },
];

/// What is sold.
pub struct ProductLine {
    /// Name.
    pub name: &'static str,
    /// Share of deals.
    pub share: f64,
    /// Typical price for a mid-sized customer, in the base currency.
    pub price: f64,
    /// Effect on the index.
    pub effect: f64,
    /// Factor on the time every stage takes.
    pub patience: f64,
}

/// All products.
pub const PRODUCTS: [ProductLine; 5] = [
    ProductLine { name: "Starter", share: 0.30, price: 6_000.0, effect: 0.15, patience: 0.75 },
    ProductLine { name: "Team", share: 0.28, price: 18_000.0, effect: 0.05, patience: 0.90 },
    ProductLine { name: "Business", share: 0.22, price: 42_000.0, effect: 0.00, patience: 1.05 },
    ProductLine { name: "Enterprise Suite", share: 0.12, price: 110_000.0, effect: -0.25, patience: 1.35 },
    ProductLine { name: "Analytics Add-on", share: 0.08, price: 9_000.0, effect: 0.40, patience: 0.60 },
];

/// Size class of customers.
pub struct CustomerSegment {
    /// Name.
    pub name: &'static str,
    /// Share of accounts.
    pub share: f64,
    /// Typical number of employees.
    pub employees: f64,
    /// Effect on the index.
    pub effect: f64,
    /// Factor on the time every stage takes.
    pub patience: f64,
    /// Factor on prices.
    pub price: f64,
}

/// All segments.
pub const SEGMENTS: [CustomerSegment; 3] = [
    CustomerSegment { name: "SMB", share: 0.50, employees: 45.0, effect: 0.10, patience: 0.85, price: 0.7 },
    CustomerSegment { name: "Mid-Market", share: 0.33, employees: 350.0, effect: 0.15, patience: 1.0, price: 1.2 },
    CustomerSegment { name: "Enterprise", share: 0.17, employees: 3_500.0, effect: -0.35, patience: 1.3, price: 2.4 },
];

/// Competitors met, with their share of deals and effect on the index; most deals name none.
pub const COMPETITORS: [(&str, f64, f64); 4] =
    [("Kestrel", 0.16, -0.50), ("Orbit", 0.12, -0.15), ("Lumen Desk", 0.08, -0.30), ("In-house", 0.12, 0.10)];

/// Why deals are lost, with shares: says nothing about which are.
pub const LOSS_REASONS: [(&str, f64); 5] =
    [("Price", 0.28), ("Competitor", 0.22), ("No decision", 0.26), ("No budget", 0.14), ("Timing", 0.10)];

/// Where owners work.
pub struct Region {
    /// Name.
    pub name: &'static str,
    /// Share of owners.
    pub share: f64,
    /// Position of its currency in [`CURRENCIES`].
    pub currency: usize,
}

/// All regions.
pub const REGIONS: [Region; 4] = [
    Region { name: "Americas", share: 0.45, currency: 0 },
    Region { name: "Europe", share: 0.25, currency: 1 },
    Region { name: "UK and Ireland", share: 0.15, currency: 2 },
    Region { name: "Japan", share: 0.15, currency: 3 },
];

/// A currency and its rate to the base currency on the world's first day.
pub struct Currency {
    /// ISO code.
    pub code: &'static str,
    /// Base units per unit.
    pub rate: f64,
    /// Amounts are whole multiples of this many hundredths; yen have no decimals and are quoted in thousands.
    pub step_hundredths: i64,
}

/// All currencies, the base currency first.
pub const CURRENCIES: [Currency; 4] = [
    Currency { code: "USD", rate: 1.0, step_hundredths: 1_000 },
    Currency { code: "EUR", rate: 1.07, step_hundredths: 1_000 },
    Currency { code: "GBP", rate: 1.22, step_hundredths: 1_000 },
    Currency { code: "JPY", rate: 0.0075, step_hundredths: 100_000 },
];

/// The code of the currency quotas and costs are in.
#[must_use]
pub fn base_currency() -> &'static str {
    CURRENCIES[0].code
}

/// Kinds of activity, with their shares.
pub const ACTIVITIES: [(&str, f64); 4] = [("email", 0.48), ("call", 0.30), ("meeting", 0.17), ("demo", 0.05)];

/// First names of the people in the world.
pub const FIRST_NAMES: [&str; 25] = [
    "Ada", "Ben", "Carla", "Dai", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaori", "Liam", "Mina", "Noor",
    "Oscar", "Petra", "Quentin", "Rosa", "Sven", "Tara", "Umar", "Vera", "Wout", "Yuki", "Zoe",
];

/// Last names of the people in the world.
pub const LAST_NAMES: [&str; 24] = [
    "Abe", "Berg", "Costa", "Duarte", "Eriksen", "Faber", "Grant", "Holm", "Ito", "Jensen", "Kaya", "Lopes", "Moreau",
    "Novak", "Okafor", "Park", "Quist", "Rossi", "Sato", "Tanaka", "Usman", "Vogel", "Weber", "Young",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one() {
        let sums = [
            SOURCES.iter().map(|s| s.share).sum::<f64>(),
            PRODUCTS.iter().map(|p| p.share).sum(),
            SEGMENTS.iter().map(|s| s.share).sum(),
            REGIONS.iter().map(|r| r.share).sum(),
            ACTIVITIES.iter().map(|a| a.1).sum(),
            LOSS_REASONS.iter().map(|r| r.1).sum(),
        ];
        for sum in sums {
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
    }
}
