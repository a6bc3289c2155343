//! How far landmark days lie apart: as configured, else by how long deals take and how long the history is.
//!
//! A [`Timeline`] to a [`Spacing`], then to the landmark days. Replays nothing.

use crate::config::{LandmarkGrid, TrainingConfig};
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::timeline::Timeline;

/// Months of history that monthly landmarks need: fewer days than these leave no folds to evaluate on.
const MONTHLY_HISTORY: i32 = 365;
/// The median cycle, in days, from which the typical deal is open on the first of a month.
const MONTHLY_CYCLE: i32 = 30;
/// The median cycle, in days, from which the typical deal is open on a day of a weekly grid more than once in two times.
const WEEKLY_CYCLE: i32 = 4;
/// The median cycle of fewer closed deals says little.
const FEWEST_CYCLES: usize = 20;

/// How far landmark days lie apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spacing {
    /// Daily, weekly or monthly.
    pub grid: LandmarkGrid,
    /// Why, in words with the numbers.
    pub reason: String,
}

impl Spacing {
    /// As configured. Else monthly where the history is long and the typical deal is open over a month's end, daily where
    /// it would fall between the days of a weekly grid, weekly else.
    pub(super) fn of(timeline: &Timeline, config: &TrainingConfig) -> Self {
        match config.landmarks {
            LandmarkGrid::Auto => Self::by_cycle(timeline, config),
            grid => Self { grid, reason: "set by `training.landmarks`".to_owned() },
        }
    }

    fn by_cycle(timeline: &Timeline, config: &TrainingConfig) -> Self {
        let history = first_day(timeline, config).map_or(0, |first| timeline.as_of.0 - first.0 + 1);
        let mut cycles = cycles(timeline);
        cycles.sort_unstable();
        let (grid, cycle) = match cycles.get(cycles.len() / 2) {
            Some(&median) if cycles.len() >= FEWEST_CYCLES => {
                (grid_for(median, history), format!("half of {} closed deals took {median} days", cycles.len()))
            }
            _ => (grid_for(MONTHLY_CYCLE, history), "too few deals closed to say how long they take".to_owned()),
        };
        Self { grid, reason: format!("{cycle}, the history has {history} days") }
    }

    /// The grid in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.grid {
            LandmarkGrid::Daily => "daily",
            LandmarkGrid::Monthly => "monthly",
            LandmarkGrid::Weekly | LandmarkGrid::Auto => "weekly",
        }
    }

    /// The landmark days after the first creation and before the timeline's day, ascending.
    pub(super) fn days(&self, timeline: &Timeline, config: &TrainingConfig) -> Vec<Day> {
        let Some(first) = first_day(timeline, config) else { return Vec::new() };
        let days = std::iter::successors(Some(self.before(timeline.as_of)), |day| Some(self.before(*day)));
        let mut days: Vec<Day> = days.take_while(|&day| day >= first).collect();
        days.reverse();
        days
    }

    /// The last landmark day before `day`, itself one or the as-of day.
    fn before(&self, day: Day) -> Day {
        match self.grid {
            LandmarkGrid::Monthly => first_of_month(day.plus(-1)),
            LandmarkGrid::Daily => day.plus(-1),
            LandmarkGrid::Weekly | LandmarkGrid::Auto => day.plus(-7),
        }
    }
}

/// The grid for deals that take `median` days, half of them, after so many days of history.
fn grid_for(median: i32, history: i32) -> LandmarkGrid {
    if median >= MONTHLY_CYCLE && history >= MONTHLY_HISTORY {
        LandmarkGrid::Monthly
    } else if median >= WEEKLY_CYCLE {
        LandmarkGrid::Weekly
    } else {
        LandmarkGrid::Daily
    }
}

/// Days from creation to closing of the closed deals that were open on a morning.
fn cycles(timeline: &Timeline) -> Vec<i32> {
    let closed = timeline.deals.iter().filter(|deal| deal.kind != StageKind::Open);
    closed.filter_map(|deal| Some(deal.closed.get()?.0 - deal.created.0)).filter(|days| *days > 0).collect()
}

/// The first day that may be a landmark.
fn first_day(timeline: &Timeline, config: &TrainingConfig) -> Option<Day> {
    let first = timeline.deals.iter().map(|deal| deal.created).min()?;
    let window = config.window_days.and_then(|days| i32::try_from(days).ok()).unwrap_or(i32::MAX);
    Some(first.plus(1).max(Day(timeline.as_of.0.saturating_sub(window))))
}

fn first_of_month(day: Day) -> Day {
    day.plus(1 - i32::from(day.civil().day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    /// 40 deals, created over `span` days, each closed after `cycle` days.
    fn spacing(span: i32, cycle: i32, config: &TrainingConfig) -> Spacing {
        let world = (0..40).fold(World::default(), |world, i| {
            let created = i * span / 40;
            world.deal(&format!("D{i}"), created, "Lost").closed(created + cycle)
        });
        Spacing::of(&world.timeline(span), config)
    }

    #[test]
    fn the_grid_follows_the_cycle_and_the_history() {
        let auto = TrainingConfig::default();
        let word = |span, cycle| spacing(span, cycle, &auto).word();
        assert_eq!(word(1_000, 55), "monthly");
        assert_eq!(word(150, 55), "weekly", "five months have five month ends");
        assert_eq!(word(1_000, 8), "weekly", "most deals are closed before the first of a month");
        assert_eq!(word(150, 2), "daily");
        assert_eq!(word(30, 0), "weekly", "no deal was open on a morning");
        let lending = spacing(150, 8, &auto);
        assert_eq!(lending.reason, "half of 38 closed deals took 8 days, the history has 150 days");
    }

    #[test]
    fn what_is_configured_counts() {
        let config = TrainingConfig { landmarks: LandmarkGrid::Daily, ..TrainingConfig::default() };
        let spacing = spacing(1_000, 55, &config);
        assert_eq!((spacing.word(), spacing.reason.as_str()), ("daily", "set by `training.landmarks`"));
    }

    #[test]
    fn days_lie_in_the_window_and_before_the_as_of_day() {
        let world = World::default().deal("a", 31, "New");
        let days = |grid, window_days| {
            let config = TrainingConfig { landmarks: grid, window_days, ..TrainingConfig::default() };
            let timeline = world.timeline(100);
            let days = Spacing::of(&timeline, &config).days(&timeline, &config);
            days.into_iter().map(|day| day.0).collect::<Vec<_>>()
        };
        // Day 59 is 1970-03-01, day 90 is 1970-04-01.
        assert_eq!(days(LandmarkGrid::Monthly, None), [59, 90]);
        assert_eq!(days(LandmarkGrid::Weekly, Some(20)), [86, 93]);
        assert_eq!(days(LandmarkGrid::Daily, Some(3)), [97, 98, 99]);
    }
}
