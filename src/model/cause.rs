//! What stands in the way of a model: the cause in words with its numbers, and the key that changes it.
//!
//! A timeline and the rows that could be made of it to a [`Cause`]. Decides nothing: `train` does.

use crate::config::TrainingConfig;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::model::folds::FEWEST_DEALS;
use crate::model::rows::{Horizon, distinct};
use crate::report::words::{by_number, count};
use crate::snapshot::{LandmarkSet, Outcome};
use crate::timeline::Timeline;

/// Why there is too little to learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    /// With the numbers.
    pub words: String,
    /// What changes it.
    pub remedy: String,
}

impl Cause {
    fn new(words: String, remedy: impl Into<String>) -> Self {
        Self { words, remedy: remedy.into() }
    }

    /// The first of what leaves too few won or too few other deals, in the order of how much it takes away.
    pub fn of(timeline: &Timeline, set: &LandmarkSet, horizon: &Horizon, config: &TrainingConfig) -> Self {
        let closings = Closings::of(timeline);
        let seen = seen_deals(set);
        None.or_else(|| closings.few())
            .or_else(|| closings.undated())
            .or_else(|| window(config, set))
            .or_else(|| between_landmarks(&closings, seen, set))
            .unwrap_or_else(|| short_history(timeline, &closings, horizon))
    }
}

/// The closed deals of a timeline.
#[derive(Default)]
struct Closings {
    won: u64,
    lost: u64,
    /// Of these, on an unknown day.
    unknown_won: u64,
    unknown_lost: u64,
    /// Days from creation to closing, ascending, where both are known.
    cycles: Vec<i32>,
}

impl Closings {
    fn of(timeline: &Timeline) -> Self {
        let mut closings = Self::default();
        for deal in &timeline.deals {
            let unknown = u64::from(deal.closed.is_none());
            let (closed, of_kind) = match deal.kind {
                StageKind::Won => (&mut closings.won, &mut closings.unknown_won),
                StageKind::Lost => (&mut closings.lost, &mut closings.unknown_lost),
                StageKind::Open => continue,
            };
            *closed += 1;
            *of_kind += unknown;
            closings.cycles.extend(deal.closed.get().map(|day| day.0 - deal.created.0));
        }
        closings.cycles.sort_unstable();
        closings
    }

    fn few(&self) -> Option<Cause> {
        let words = format!(
            "only {} {} won and {} lost before the as-of day",
            count(self.won, "deal"),
            by_number(self.won, "was", "were"),
            self.lost
        );
        (self.won < FEWEST_DEALS || self.won + self.lost < 2 * FEWEST_DEALS)
            .then(|| Cause::new(words, "give it more closed deals, or a later --as-of"))
    }

    fn undated(&self) -> Option<Cause> {
        let unknown = self.unknown_won + self.unknown_lost;
        let few = self.won - self.unknown_won < FEWEST_DEALS || self.lost - self.unknown_lost < FEWEST_DEALS;
        let words = format!("{} closed on an unknown day", count(unknown, "deal"));
        (unknown > 0 && few)
            .then(|| Cause::new(words, "name the column of the closing day: `closed_at` under [sources.deals.columns]"))
    }
}

/// Deals of the landmark rows that were won, and others.
#[derive(Clone, Copy)]
struct SeenDeals {
    won: u64,
    other: u64,
}

fn seen_deals(set: &LandmarkSet) -> SeenDeals {
    let won = |outcome: Outcome| matches!(outcome, Outcome::Won(_));
    let deals = |wins: bool| {
        let rows = set.rows.iter().filter(|row| won(row.outcome) == wins);
        distinct(rows.map(|row| row.state.deal).collect::<Vec<DealIx>>()).len() as u64
    };
    SeenDeals { won: deals(true), other: deals(false) }
}

fn window(config: &TrainingConfig, set: &LandmarkSet) -> Option<Cause> {
    let days = config.window_days?;
    let rows = count(set.rows.len() as u64, "row");
    let words = format!("`training.window_days` leaves {} of history, {rows}", count(days.into(), "day"));
    Some(Cause::new(words, "raise `training.window_days`, or leave it out"))
}

fn between_landmarks(closings: &Closings, seen: SeenDeals, set: &LandmarkSet) -> Option<Cause> {
    let spacing = set.spacing.as_ref().filter(|spacing| spacing.word() != "daily")?;
    let few = seen.won < FEWEST_DEALS || seen.other < FEWEST_DEALS;
    let words = format!(
        "of {} won and {} lost deals {} and {} were open on a landmark day ({})",
        closings.won,
        closings.lost,
        seen.won,
        seen.other,
        spacing.word()
    );
    few.then(|| Cause::new(words, "`training.landmarks = \"daily\"` looks at every day"))
}

fn short_history(timeline: &Timeline, closings: &Closings, horizon: &Horizon) -> Cause {
    let first = timeline.deals.iter().map(|deal| deal.created.0).min().unwrap_or(timeline.as_of.0);
    let history = timeline.as_of.0.saturating_sub(first).unsigned_abs().into();
    let median = closings.cycles.get(closings.cycles.len() / 2).copied().unwrap_or(0).unsigned_abs().into();
    let words = format!(
        "the history spans {}, half of the closed deals took {} and more, and rows younger than {} have no outcome yet",
        count(history, "day"),
        count(median, "day"),
        count(horizon.days.unsigned_abs().into(), "day")
    );
    Cause::new(words, "`training.horizon_days` looks less far ahead; or give it a longer history")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LandmarkGrid;
    use crate::snapshot::landmarks;
    use crate::timeline::fixtures::World;

    /// The cause on a world of `won` and `lost` deals, created one a day, closed after `cycle` days; `undated` of each are not.
    fn cause(won: usize, lost: usize, cycle: i32, undated: usize, config: &TrainingConfig) -> Cause {
        let world = (0..won + lost).fold(World::default(), |world, i| {
            let (stage, at) = if i < won { ("Won", i) } else { ("Lost", i - won) };
            let created = at as i32;
            let world = world.deal(&format!("D{i}"), created, stage);
            if at < undated { world } else { world.closed(created + cycle) }
        });
        let timeline = world.timeline(90);
        let set = landmarks(&timeline, &world.tables().deals, config);
        Cause::of(&timeline, &set, &Horizon::of(&timeline, &set, Some(60)), config)
    }

    #[test]
    fn the_real_cause_is_named_with_the_key_that_changes_it() {
        let weekly = TrainingConfig { landmarks: LandmarkGrid::Weekly, ..TrainingConfig::default() };
        let few = cause(3, 30, 9, 0, &weekly);
        assert_eq!(few.words, "only 3 deals were won and 30 lost before the as-of day");
        let undated = cause(15, 30, 9, 7, &weekly);
        assert_eq!(undated.words, "14 deals closed on an unknown day");
        assert!(undated.remedy.contains("`closed_at`"));
        let fast = cause(15, 30, 1, 0, &weekly);
        assert!(fast.words.ends_with("were open on a landmark day (weekly)"), "{}", fast.words);
        assert!(fast.remedy.contains("training.landmarks"));
        let short = cause(15, 30, 9, 0, &weekly);
        let expected = "the history spans 90 days, half of the closed deals took 9 days and more, and rows younger than 60 \
                        days have no outcome yet";
        assert_eq!(short.words, expected);
        assert!(short.remedy.contains("training.horizon_days"));
        let windowed = cause(15, 30, 9, 0, &TrainingConfig { window_days: Some(10), ..weekly });
        assert!(windowed.words.starts_with("`training.window_days` leaves 10 days"), "{}", windowed.words);
    }
}
