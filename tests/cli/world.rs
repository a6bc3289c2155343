//! A small sales world for the tests: every deal's life from a seed, exported as of any day.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Day 0 of the world is 2024-01-01; exports are taken up to day 730.
const EPOCH: &str = "2024-01-01";
pub const LAST_DAY: i32 = 730;

const STAGES: [&str; 3] = ["Prospecting", "Qualified", "Proposal"];
const SOURCES: [&str; 3] = ["Referral", "Web", "Cold call"];

/// `YYYY-MM-DD` of a day of the world.
pub fn date(day: i32) -> String {
    let epoch: jiff::civil::Date = EPOCH.parse().unwrap();
    epoch.saturating_add(jiff::Span::new().days(day)).to_string()
}

/// A deal and everything that ever happens to it.
struct Deal {
    id: String,
    owner: String,
    source: &'static str,
    amount: u64,
    /// (day, stage), the first being the creation.
    moves: Vec<(i32, &'static str)>,
}

/// Knuth's MMIX generator; enough for test data.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

pub struct World(Vec<Deal>);

impl World {
    pub fn new(deals: usize) -> Self {
        let mut random = Lcg(7);
        Self((0..deals).map(|i| Deal::live(i, &mut random)).collect())
    }

    /// Writes `deals.csv` and `stage_history.csv` as a CRM would export them in the morning of `day`.
    pub fn export(&self, dir: &Path, day: i32) {
        let mut deals =
            "deal_id,name,account,stage,created_at,amount,currency,owner,source,expected_close_date,closed_at\n"
                .to_owned();
        let mut history = "deal_id,changed_at,stage\n".to_owned();
        for deal in self.0.iter().filter(|deal| deal.moves[0].0 < day) {
            let known: Vec<_> = deal.moves.iter().filter(|(at, _)| *at < day).collect();
            let (created, (last, stage)) = (deal.moves[0].0, known[known.len() - 1]);
            let closed = if ["Won", "Lost"].contains(stage) { date(*last) } else { String::new() };
            writeln!(
                deals,
                "{id},Deal {id},Account {account},{stage},{created},{amount},USD,{owner},{source},{expected},{closed}",
                id = deal.id,
                account = deal.amount % 17,
                created = date(created),
                amount = deal.amount,
                owner = deal.owner,
                source = deal.source,
                expected = date(created + 90),
            )
            .unwrap();
            for (at, stage) in known {
                writeln!(history, "{},{}T09:30:00,{stage}", deal.id, date(*at)).unwrap();
            }
        }
        fs::write(dir.join("deals.csv"), deals).unwrap();
        fs::write(dir.join("stage_history.csv"), history).unwrap();
    }

    /// Writes `leads.csv`, `touches.csv` and `campaign_costs.csv` as exported in the morning of `day`. Three of four deals
    /// were a lead five days before, and every third one was touched on two more days.
    pub fn marketing(&self, dir: &Path, day: i32) {
        let mut leads = "lead_id,created_at,deal_id,converted_at,closed_at,source,owner,campaign\n".to_owned();
        let mut touches = "touched_at,lead_id,deal_id,source,campaign\n".to_owned();
        let mut costs = "source,campaign,period,cost\n".to_owned();
        let known = |at: i32| 0 <= at && at < day;
        for (i, deal) in self.0.iter().enumerate() {
            let (created, source) = (deal.moves[0].0, deal.source);
            let (before, campaign) = (created - 5, ["", "Spring", "Autumn"][i % 3]);
            let is_deal = known(created);
            if i % 4 != 0 && known(before) {
                let (id, at) = if is_deal { (deal.id.as_str(), date(created)) } else { ("", String::new()) };
                writeln!(leads, "L{i},{},{id},{at},,{source},{},{campaign}", date(before), deal.owner).unwrap();
                writeln!(touches, "{},L{i},,{source},{campaign}", date(before)).unwrap();
            }
            if known(created) {
                let gone = if known(created + 9) { date(created + 9) } else { String::new() };
                writeln!(leads, "X{i},{},,,{gone},{},rep1,", date(created), SOURCES[i % 3]).unwrap();
            }
            for at in [created + 2, created + 40].into_iter().filter(|at| i % 3 == 0 && is_deal && known(*at)) {
                writeln!(touches, "{},,{},{},{campaign}", date(at), deal.id, SOURCES[(i / 3) % 3]).unwrap();
            }
        }
        for month in (0..24).filter(|month| month * 31 < day) {
            for source in SOURCES {
                let first = date(month * 31);
                writeln!(costs, "{source},{},{},{}", ["", "Spring"][month as usize % 2], &first[..7], 900 + month)
                    .unwrap();
            }
        }
        for (name, text) in [("leads", leads), ("touches", touches), ("campaign_costs", costs)] {
            fs::write(dir.join(format!("{name}.csv")), text).unwrap();
        }
    }

    /// Writes `users.csv` and `quotas.csv`.
    pub fn structure(dir: &Path) {
        let mut users = "owner,name,manager,team,region\n".to_owned();
        let mut quotas = "owner,period,quota,currency\n".to_owned();
        for i in 0..6 {
            let (team, region) = (["North", "South"][i % 2], ["EMEA", "AMER"][i % 2]);
            writeln!(users, "rep{i},Rep {i},boss{},{team},{region}", i % 2).unwrap();
            for quarter in 1..=4 {
                writeln!(quotas, "rep{i},2025-Q{quarter},{},USD", 150_000 + 10_000 * i).unwrap();
            }
        }
        fs::write(dir.join("users.csv"), users).unwrap();
        fs::write(dir.join("quotas.csv"), quotas).unwrap();
    }
}

impl Deal {
    fn live(i: usize, random: &mut Lcg) -> Self {
        let source = SOURCES[random.below(3) as usize];
        // A referral wins three times in four, a cold call one in four.
        let luck = match source {
            "Referral" => 75,
            "Web" => 50,
            _ => 25,
        };
        let outcome = if random.below(100) < luck { "Won" } else { "Lost" };
        let mut day = random.below(LAST_DAY as u64 - 20) as i32;
        let mut moves = Vec::new();
        let reached = if outcome == "Won" { 3 } else { 1 + random.below(3) as usize };
        for stage in &STAGES[..reached] {
            moves.push((day, *stage));
            day += 4 + random.below(40) as i32;
        }
        moves.push((day, outcome));
        let owner = format!("rep{}", random.below(6));
        Self { id: format!("D{i:04}"), owner, source, amount: 1_000 + random.below(50_000), moves }
    }
}
