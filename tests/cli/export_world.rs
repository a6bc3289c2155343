//! Deals of an invented world, to be written down as people and CRMs write them.

/// Days of the calendar these deals live in: months of 28 days, so that every one is a date.
const MONTH: usize = 28;
const OWNERS: [&str; 4] = ["Jürgen Groß", "Änne Müller", "Zoë Schäfer", "Karl Weiß"];

/// A deal with the days it entered its stages.
pub struct SoldDeal {
    pub at: usize,
    /// Stage by its position, and the day it was entered.
    pub path: Vec<(usize, usize)>,
    /// Whether it was won, and on which day; `None` while it is open.
    pub end: Option<(bool, usize)>,
}

impl SoldDeal {
    /// `count` deals of a process with so many open stages.
    pub fn all(count: usize, stages: usize) -> Vec<Self> {
        (0..count).map(|at| Self::one(at, stages)).collect()
    }

    fn one(at: usize, stages: usize) -> Self {
        let created = (at * 37) % 500;
        let steps = 1 + (at / 4) % stages;
        let path: Vec<(usize, usize)> = (0..steps).map(|step| (step, created + step * (9 + at % 5))).collect();
        let last = path[steps - 1].1;
        let end = match at % 4 {
            3 => None,
            of_four => Some((steps == stages && of_four != 1, last + 6)),
        };
        Self { at, path, end }
    }

    pub fn id(&self) -> String {
        format!("K{:05}", self.at)
    }

    pub fn owner(&self) -> &'static str {
        OWNERS[self.at % 4]
    }

    /// Two owners a team.
    pub fn team(&self) -> &'static str {
        if self.at % 4 < 2 { "Nord" } else { "Süd" }
    }

    pub fn created(&self) -> usize {
        self.path[0].1
    }

    pub fn won(&self) -> Option<bool> {
        self.end.map(|(won, _)| won)
    }

    /// Its stage, the ends by these words.
    pub fn stage<'a>(&self, stages: &[&'a str], won: &'a str, lost: &'a str) -> &'a str {
        match self.end {
            None => self.open_stage(stages),
            Some((true, _)) => won,
            Some((false, _)) => lost,
        }
    }

    /// The last open stage it was in.
    pub fn open_stage<'a>(&self, stages: &[&'a str]) -> &'a str {
        stages[self.path[self.path.len() - 1].0]
    }

    /// The day it entered a stage.
    pub fn entered(&self, stage: usize) -> Option<usize> {
        self.path.iter().find(|(at, _)| *at == stage).map(|(_, day)| *day)
    }

    /// The day it was won, or lost.
    pub fn ended(&self, won: bool) -> Option<usize> {
        self.end.filter(|(how, _)| *how == won).map(|(_, day)| day)
    }

    pub fn cents(&self) -> usize {
        100_000 + self.at * 3713
    }
}

/// Year, month and day.
fn parts(day: usize) -> (usize, usize, usize) {
    (2024 + day / (12 * MONTH), day / MONTH % 12 + 1, day % MONTH + 1)
}

/// `2024-03-21`.
pub fn iso(day: usize) -> String {
    let (year, month, day) = parts(day);
    format!("{year}-{month:02}-{day:02}")
}

/// `21.03.2024`.
pub fn dotted(day: usize) -> String {
    let (year, month, day) = parts(day);
    format!("{day:02}.{month:02}.{year}")
}

/// `3/21/2024`.
pub fn american(day: usize) -> String {
    let (year, month, day) = parts(day);
    format!("{month}/{day}/{year}")
}

/// `21.345,60`.
pub fn german_money(cents: usize) -> String {
    let (whole, cents) = (cents / 100, cents % 100);
    if whole < 1000 {
        format!("{whole},{cents:02}")
    } else {
        format!("{}.{:03},{cents:02}", whole / 1000, whole % 1000)
    }
}

/// Lines of cells, with a separator.
pub fn lines(separator: char, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| cells.join(&separator.to_string()) + "\n";
    rows.into_iter().map(line).collect()
}

/// A row of texts.
pub fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// The deals under canonical names.
pub fn canonical(deals: &[SoldDeal], stages: &[&str]) -> String {
    let header = row(&["deal_id", "name", "stage", "created_at", "amount", "owner", "closed_at"]);
    let deal = |deal: &SoldDeal| {
        vec![
            deal.id(),
            format!("Deal {}", deal.at),
            deal.stage(stages, "Won", "Lost").to_owned(),
            iso(deal.created()),
            (deal.cents() / 100).to_string(),
            deal.owner().to_owned(),
            deal.end.map(|(_, day)| iso(day)).unwrap_or_default(),
        ]
    };
    lines(',', std::iter::once(header).chain(deals.iter().map(deal)))
}
