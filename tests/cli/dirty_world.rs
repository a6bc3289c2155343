//! Dirty worlds for the tests of row order: days without times, several changes in one moment, rows that stand twice or
//! contradict each other, missing cells, names in several spellings. Every table is rows of text, so that they can be
//! shuffled and dealt out to several files.

use std::fs;
use std::path::Path;

/// Knuth's MMIX generator; enough for test data.
pub struct Lcg(u64);

impl Lcg {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1))
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    pub fn shuffle<T>(&mut self, rows: &mut [T]) {
        for i in (1..rows.len()).rev() {
            rows.swap(i, self.below(i + 1));
        }
    }
}

/// The tables: name, header, rows.
pub struct DirtyWorld {
    tables: Vec<(&'static str, &'static str, Vec<String>)>,
}

const STAGES: [&str; 4] = ["Lead in", "Contact", "offer", "Contract"];
const OWNERS: [&str; 5] = ["zoe", "ann", "Bob", "cy", ""];
const SOURCES: [&str; 4] = ["Web", "Fair", "", "Cold call"];
const CURRENCIES: [&str; 3] = ["USD", "EUR", ""];

fn day(day: usize) -> String {
    let first: jiff::civil::Date = "2024-01-01".parse().unwrap();
    first.saturating_add(jiff::Span::new().days(day as i64)).to_string()
}

/// A quarter of the days that follow 2024-01-01.
fn quarter(n: usize) -> String {
    format!("{}-Q{}", 2024 + n / 4, n % 4 + 1)
}

impl DirtyWorld {
    /// A world of `deals` deals; `log` for a history of single fields with old values.
    pub fn new(seed: u64, deals: usize, log: bool) -> Self {
        let mut random = Lcg::new(seed);
        let (mut deal_rows, mut history, mut activities) = (Vec::new(), Vec::new(), Vec::new());
        let (mut leads, mut touches) = (Vec::new(), Vec::new());
        for i in 0..deals {
            let id = format!("D{}", (i * 7919) % 10_007);
            let created = random.below(500);
            let (owner, source) = (random.pick(&OWNERS), random.pick(&SOURCES));
            let amount = if random.one_in(9) { String::new() } else { format!("{}.5", 100 + random.below(9_000)) };
            let stages = 1 + random.below(STAGES.len());
            let (mut at, mut stage) = (created, STAGES[0]);
            let mut moves = vec![(created, "", STAGES[0])];
            for &next in &STAGES[1..stages] {
                // Several moves of one day are common, and some go back.
                at += random.below(3) * random.below(15);
                moves.push((at, stage, next));
                stage = next;
                if random.one_in(8) {
                    moves.push((at, stage, STAGES[0]));
                    moves.push((at, STAGES[0], stage));
                }
            }
            let (mut closed, mut status) = (String::new(), "");
            if random.below(4) > 0 && at < 640 {
                at += random.below(20);
                let won = random.below(10) < 2 + 2 * stages;
                let end = if won { "Closed Won" } else { "Closed Lost" };
                moves.push((at, stage, end));
                (stage, closed) = (end, day(at));
                status = if won { "won" } else { "Lost" };
            }
            let currency = random.pick(&CURRENCIES);
            let size = random.pick(&["small", "large", "", "10", "7.5"]);
            let row = |stage: &str, owner: &str| {
                let (created, expected) = (day(created), day(created + 60));
                format!(
                    "{id},{stage},{created},{amount},{currency},{owner},{source},{closed},{expected},{status},{size}"
                )
            };
            deal_rows.push(row(stage, owner));
            if random.one_in(30) {
                deal_rows.push(row(stage, owner));
            }
            if random.one_in(60) {
                deal_rows.push(row(stage, "Other"));
            }
            for (at, from, to) in moves {
                let at = if at < 700 { day(at) } else { continue };
                let amount = 100 + random.below(5_000);
                if log {
                    history.push(format!("{id},{at},stage,{from},{to}"));
                    if random.one_in(5) {
                        history.push(format!("{id},{at},amount,{amount},{}", amount + 50));
                        history.push(format!("{id},{at},amount,{},{}", amount + 50, amount - 50));
                    }
                } else {
                    let amount = if random.one_in(3) { amount.to_string() } else { String::new() };
                    history.push(format!("{id},{at},{to},{amount},{}", random.pick(&OWNERS)));
                }
                if random.one_in(25) {
                    history.extend(history.last().cloned());
                }
            }
            for _ in 0..random.below(4) {
                let time = if random.one_in(2) { "" } else { "T09:30:00" };
                let (at, kind) = (day(created + random.below(90)), random.pick(&["mail", "call", "", "Visit"]));
                activities.push(format!("{id},{at}{time},{kind},{}", random.pick(&["1", "2", ""])));
                if random.one_in(6) {
                    activities.extend(activities.last().cloned());
                }
            }
            if random.one_in(2) {
                let before = day(created.saturating_sub(random.below(3)));
                for _ in 0..=random.below(3) {
                    let lead = format!("L{i}-{}", random.below(3));
                    leads.push(format!("{lead},{before},{id},{},{}", random.pick(&OWNERS), random.pick(&SOURCES)));
                    touches.push(format!(
                        "{before},{},,{lead},{}",
                        random.pick(&SOURCES[..2]),
                        random.pick(&["", "C1"])
                    ));
                }
                touches.push(format!("{before}T08:00:00,{},{id},,C2", random.pick(&SOURCES[..2])));
                if random.one_in(3) {
                    touches.extend(touches.last().cloned());
                }
            }
        }
        let more = |what: &'static str, header: &'static str, rows: Vec<String>| (what, header, rows);
        let log_header = "deal_id,changed_at,field,old_value,new_value";
        let history_header = if log { log_header } else { "deal_id,changed_at,stage,amount,owner" };
        let tables = vec![
            more(
                "deals",
                "deal_id,stage,created_at,amount,currency,owner,source,closed_at,expected_close_date,status,size",
                deal_rows,
            ),
            more("stage_history", history_header, history),
            more("activities", "deal_id,occurred_at,kind,count", activities),
            more("leads", "lead_id,created_at,deal_id,owner,source", leads),
            more("touches", "touched_at,source,deal_id,lead_id,campaign", touches),
            more("quotas", "owner,team,period,quota,currency", quotas(&mut random)),
            more("users", "owner,name,manager,team,region,active_from", users(&mut random)),
            more("fx_rates", "currency,date,rate", rates(&mut random)),
            more("campaign_costs", "source,period,cost,currency", costs(&mut random)),
            more("revisions", "submitted_at,author,owner,period,category,amount", revisions(&mut random)),
        ];
        Self { tables }
    }

    /// Writes every table as one file, and returns the flags that name them.
    pub fn write(&self, dir: &Path) -> String {
        let flag = |(name, header, rows): &(&str, &str, Vec<String>)| {
            fs::write(dir.join(format!("{name}.csv")), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
            format!("--{} {name}.csv", name.replace('_', "-"))
        };
        self.tables.iter().map(flag).collect::<Vec<_>>().join(" ")
    }

    /// Writes every table as a folder of `parts` files, and returns the flags that name them.
    pub fn write_parts(&self, dir: &Path, parts: usize) -> String {
        let flag = |(name, header, rows): &(&str, &str, Vec<String>)| {
            let folder = dir.join(name);
            fs::create_dir_all(&folder).unwrap();
            for (i, part) in rows.chunks(rows.len().div_ceil(parts)).enumerate() {
                fs::write(folder.join(format!("part-{i}.csv")), format!("{header}\n{}\n", part.join("\n"))).unwrap();
            }
            format!("--{} {name}", name.replace('_', "-"))
        };
        self.tables.iter().map(flag).collect::<Vec<_>>().join(" ")
    }

    /// The same rows in another order.
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut random = Lcg::new(seed);
        let shuffle = |(name, header, rows): &(&'static str, &'static str, Vec<String>)| {
            let mut rows = rows.clone();
            random.shuffle(&mut rows);
            (*name, *header, rows)
        };
        Self { tables: self.tables.iter().map(shuffle).collect() }
    }
}

fn quotas(random: &mut Lcg) -> Vec<String> {
    let mut rows = Vec::new();
    for n in 0..8 {
        for owner in &OWNERS[..4] {
            rows.push(format!("{owner},,{},{},", quarter(n), 10_000 + random.below(9_000)));
        }
        rows.push(format!(",North,{},{},EUR", quarter(n), 30_000 + random.below(9_000)));
        rows.push(format!(",,{},{},USD", quarter(n), 90_000));
    }
    let twice = rows[random.below(rows.len())].clone();
    rows.extend([twice, format!("zoe,,{},77,", quarter(5)), format!("zoe,,{},78,", quarter(5))]);
    rows
}

fn users(random: &mut Lcg) -> Vec<String> {
    let user = |owner: &str, team: &str, from: &str| format!("{owner},Name of {owner},Bob,{team},EU,{from}");
    let mut rows: Vec<String> =
        OWNERS[..4].iter().map(|owner| user(owner, random.pick(&["North", "South"]), "")).collect();
    rows.extend([user("zoe", "West", ""), user("ann", "South", "2024-06-01"), user("ann", "West", "2024-06-01")]);
    rows.extend([rows[1].clone(), "zed,,,North,,".to_owned()]);
    rows
}

fn rates(random: &mut Lcg) -> Vec<String> {
    let rate = |day: usize, rate: usize| format!("EUR,{},1.{rate}", self::day(day));
    let mut rows: Vec<String> = (0..24).map(|n| rate(n * 30, 10 + random.below(80))).collect();
    rows.extend([rows[3].clone(), rate(60, 99), rate(60, 11)]);
    rows
}

fn costs(random: &mut Lcg) -> Vec<String> {
    let cost = |source: &str, n: usize, cost: usize| format!("{source},{},{cost},", quarter(n));
    let mut rows: Vec<String> = (0..8).map(|n| cost("Web", n, 500 + random.below(500))).collect();
    rows.extend([rows[2].clone(), cost("Web", 1, 3), cost("Fair", 1, 70), cost("Fair", 1, 50)]);
    rows
}

fn revisions(random: &mut Lcg) -> Vec<String> {
    let made = |day: usize, author: &str, amount: usize| {
        format!("{},{author},zoe,{},forecast,{amount}", self::day(day), quarter(day / 91))
    };
    let mut rows: Vec<String> = (1..7).map(|n| made(n * 80, "zoe", 5_000 + random.below(900))).collect();
    rows.extend([made(80, "zoe", 4_000), made(80, "boss", 4_500), made(80, "boss", 4_400), rows[0].clone()]);
    rows
}
