//! What a deal is at its creation: the columns everyone sees, and the quality nobody does.
//!
//! Draws a [`NewDeal`] from its own stream and its account's; says nothing about what becomes of it.

use rand::RngExt;

use crate::simulate::calendar::Time;
use crate::simulate::catalogue::{COMPETITORS, CURRENCIES, PRODUCTS, REGIONS, SEGMENTS, SOURCES};
use crate::simulate::process::DealProspects;
use crate::simulate::stream::{Purpose, Stream, normal, pick, stream};
use crate::simulate::world::World;

/// Deals per account, on average.
const DEALS_PER_ACCOUNT: u64 = 4;

/// A deal on the day it was created.
#[derive(Clone, Debug)]
pub struct NewDeal {
    /// Number in the world, from 0.
    pub number: u64,
    /// When it was created.
    pub created: Time,
    /// First owner.
    pub owner: u32,
    /// Position in [`REGIONS`].
    pub region: usize,
    /// Number of the customer.
    pub account: u64,
    /// Position in [`SEGMENTS`].
    pub segment: usize,
    /// Employees of the customer.
    pub employees: i32,
    /// Position in [`SOURCES`].
    pub source: usize,
    /// Position in [`PRODUCTS`].
    pub product: usize,
    /// Position in [`COMPETITORS`], where one is known.
    pub competitor: Option<usize>,
    /// Marketing's score, 0 to 100: the quality, seen through noise.
    pub lead_score: i32,
    /// A code without meaning.
    pub batch_code: u32,
    /// Position in [`CURRENCIES`].
    pub currency: usize,
    /// Amount in hundredths of the currency.
    pub amount: i64,
    /// What no column tells, in standard deviations.
    pub quality: f64,
    /// Everything that makes it better or worse, added up.
    pub index: f64,
    /// Factor on its waiting times.
    pub patience: f64,
}

impl NewDeal {
    /// Deal `number` of the world.
    pub fn new(world: &World, number: u64, rng: &mut Stream) -> Self {
        let share = (number as f64 + rng.random::<f64>()) / world.config.deals as f64;
        let created = world.calendar.arrival(share);
        let owner = world.organisation.assign(rng, created);
        let region = world.organisation.region(owner);
        let account = Customer::new(world, rng.random_range(0..=world.config.deals / DEALS_PER_ACCOUNT));
        let source = pick(rng, SOURCES.iter().map(|source| source.share));
        let product = pick(rng, PRODUCTS.iter().map(|product| product.share));
        let quality = normal(rng);
        let size = normal(rng);
        let currency = currency_of(world, region, rng);
        let mut deal = Self {
            number,
            created,
            owner,
            region,
            account: account.number,
            segment: account.segment,
            employees: account.employees,
            source,
            product,
            competitor: rival(rng),
            lead_score: (50.0 + 11.0 * quality + 14.0 * normal(rng)).round().clamp(0.0, 100.0) as i32,
            batch_code: rng.random_range(0..40),
            currency,
            amount: price(world, product, account.segment, size, currency, created, rng),
            quality,
            index: 0.0,
            patience: SEGMENTS[account.segment].patience * PRODUCTS[product].patience * (0.1 * size).exp(),
        };
        deal.index = deal.index(world, size, account.goodwill);
        deal
    }

    /// What lies ahead of it.
    #[must_use]
    pub fn prospects(&self) -> DealProspects {
        DealProspects::new(self.index, self.patience)
    }

    fn index(&self, world: &World, size: f64, goodwill: f64) -> f64 {
        let source = &SOURCES[self.source];
        let years = self.created / 365.25;
        0.45 * world.organisation.owner(self.owner).skill
            + source.effect
            + source.drift * years * world.config.drift
            + PRODUCTS[self.product].effect
            + SEGMENTS[self.segment].effect
            + self.competitor.map_or(0.0, |rival| COMPETITORS[rival].2)
            + fit(self.employees)
            // Neither the smallest nor the largest deals of a product do best.
            + (0.20 - 0.20 * size * size).max(-1.0)
            + 0.2 * goodwill
            + 0.7 * self.quality
    }
}

/// Customers of a few hundred employees fit best.
fn fit(employees: i32) -> f64 {
    let distance = (f64::from(employees) / 250.0).ln();
    (0.25 - 0.10 * distance * distance).max(-0.5)
}

fn rival(rng: &mut Stream) -> Option<usize> {
    let known: f64 = COMPETITORS.iter().map(|rival| rival.1).sum();
    let hit = pick(rng, COMPETITORS.iter().map(|rival| rival.1).chain([1.0 - known]));
    (hit < COMPETITORS.len()).then_some(hit)
}

fn currency_of(world: &World, region: usize, rng: &mut Stream) -> usize {
    let in_dollars = rng.random_bool(0.08);
    if in_dollars || !world.config.multi_currency { 0 } else { REGIONS[region].currency }
}

fn price(
    world: &World,
    product: usize,
    segment: usize,
    size: f64,
    currency: usize,
    created: Time,
    rng: &mut Stream,
) -> i64 {
    let base = PRODUCTS[product].price * SEGMENTS[segment].price * (0.5 * size).exp();
    round_amount(base * 100.0 / world.rates.rate(currency, created as i32), currency, rng.random_bool(0.2))
}

/// Hundredths rounded as people quote them, never below one step; `odd` keeps the cents where the currency has any.
#[must_use]
pub fn round_amount(hundredths: f64, currency: usize, odd: bool) -> i64 {
    let step = CURRENCIES[currency].step_hundredths;
    let step = if odd && step <= 1_000 { 1 } else { step };
    ((hundredths / step as f64).round() as i64).max(1) * step
}

struct Customer {
    number: u64,
    segment: usize,
    employees: i32,
    goodwill: f64,
}

impl Customer {
    fn new(world: &World, number: u64) -> Self {
        let mut rng = stream(world.config.seed, Purpose::Account, number);
        let segment = pick(&mut rng, SEGMENTS.iter().map(|segment| segment.share));
        let employees = SEGMENTS[segment].employees * (0.7 * normal(&mut rng)).exp();
        Self { number, segment, employees: employees.round().max(1.0) as i32, goodwill: normal(&mut rng) }
    }
}
