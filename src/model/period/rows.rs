//! Landmarks to rows of the period head: every span of the days after it in which the deal was still open.
//!
//! A row ends with the deal or with what is known: a deal open on the last day known teaches that it was open so long.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::model::period::ahead::{DaySpan, DaysAhead};
use crate::model::period::terms::PeriodInput;
use crate::snapshot::{DealState, Landmark, Outcome};

/// Rows (landmark x span) fitted on, about; beyond, an even draw of landmarks.
const MOST_ROWS: usize = 100_000;
/// How long deals are followed after a landmark, in days: the end of the next fiscal year is no further.
const LONGEST_DAYS: i32 = 740;
/// A closing counts as half-way through its day.
pub(crate) const HALF_A_DAY: f64 = 0.5;

/// How a deal closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    Won,
    Lost,
}

/// A deal over a span of the days after a landmark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeriodRow {
    pub deal: DealIx,
    /// The morning it is looked at from.
    pub day: Day,
    pub input: PeriodInput,
    pub span: DaySpan,
    /// Days of the span in which the deal was open and which are known.
    pub days: f64,
    /// How it closed in them.
    pub closing: Option<Closing>,
}

impl PeriodRow {
    /// Days from the morning looked from to the end of what is known of the row.
    pub(crate) fn followed_days(&self) -> u32 {
        (self.span.from + self.days.ceil() as i32).unsigned_abs()
    }
}

/// How often closings are counted: a deal closes once, and every landmark before saw it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClosedDeals {
    /// Rows with a closing.
    rows: usize,
    /// Different deals they are of.
    pub deals: usize,
}

impl ClosedDeals {
    /// Those of `rows` whose closing is of a kind.
    pub(crate) fn of(rows: &[PeriodRow], kind: impl Fn(Closing) -> bool) -> Self {
        let closed = rows.iter().filter(|row| row.closing.is_some_and(&kind));
        let mut deals: Vec<DealIx> = closed.map(|row| row.deal).collect();
        let rows = deals.len();
        deals.sort_unstable();
        deals.dedup();
        Self { rows, deals: deals.len() }
    }

    /// Rows a closing stands in, on average.
    pub(crate) fn repeats(&self) -> f64 {
        self.rows.max(1) as f64 / self.deals.max(1) as f64
    }
}

/// A landmark with what the period head sees of its deal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenLandmark {
    pub landmark: Landmark,
    pub input: PeriodInput,
}

/// What is known of the days after a landmark by some later morning.
#[derive(Clone, Copy)]
struct Followed {
    /// Days on which the deal was open to the evening.
    days: i32,
    /// How it closed on the day after them.
    closing: Option<Closing>,
}

impl Followed {
    fn of(landmark: &Landmark, known_until: Day) -> Self {
        let known = known_until.0.saturating_sub(landmark.state.day.0).clamp(0, LONGEST_DAYS);
        let (closed, closing) = match landmark.outcome {
            Outcome::Won(closed) => (closed, Closing::Won),
            Outcome::Lost(closed) => (closed, Closing::Lost),
            Outcome::Open => return Self { days: known, closing: None },
        };
        let days = (closed.0 - landmark.state.day.0).max(0);
        if days < known { Self { days, closing: Some(closing) } } else { Self { days: known, closing: None } }
    }

    /// The last day that is known at all, and the day after it.
    fn after(&self) -> i32 {
        self.days + i32::from(self.closing.is_some())
    }
}

/// The rows of a training, and how much of the calendar its days hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeriodRows {
    pub rows: Vec<PeriodRow>,
    /// Quarter ends between the first landmark and the last day known.
    pub quarter_ends: usize,
    /// Month ends.
    pub month_ends: usize,
}

/// Every landmark over the days after it as far as they are known on the morning of `known_until`; the landmarks, ordered
/// by day, evenly thinned to about [`MOST_ROWS`] rows.
pub(crate) fn period_rows(
    landmarks: &[SeenLandmark],
    horizon: i32,
    known_until: Day,
    calendar: &FiscalCalendar,
) -> PeriodRows {
    let days: Vec<(DaysAhead, &[SeenLandmark])> = landmarks
        .chunk_by(|a, b| a.landmark.state.day == b.landmark.state.day)
        .map(|of_day| (DaysAhead::of(of_day[0].landmark.state.day, horizon, LONGEST_DAYS, calendar), of_day))
        .collect();
    let share = MOST_ROWS as f64 / days.iter().map(|(ahead, of_day)| spans(ahead, of_day, known_until)).sum::<f64>();
    let mut rows = Vec::new();
    let mut position = 0_u64;
    for (ahead, of_day) in &days {
        for seen in *of_day {
            position += 1;
            if is_drawn(position, share) {
                add_rows(&mut rows, seen, ahead, known_until);
            }
        }
    }
    let first = landmarks.first().map_or(known_until, |seen| seen.landmark.state.day);
    let ends = |kind| ends_between(kind, first, known_until, calendar);
    PeriodRows { rows, quarter_ends: ends(PeriodKind::Quarter), month_ends: ends(PeriodKind::Month) }
}

/// How many periods of a kind end from `first` on and before `after`.
fn ends_between(kind: PeriodKind, first: Day, after: Day, calendar: &FiscalCalendar) -> usize {
    let next = |period: &Period| Some(calendar.shift(period, 1)).filter(|next| next.last > period.last);
    std::iter::successors(Some(calendar.period_of(kind, first)), next).take_while(|period| period.last < after).count()
}

/// About how many rows landmarks of a day give.
fn spans(ahead: &DaysAhead, of_day: &[SeenLandmark], known_until: Day) -> f64 {
    let reached = |seen: &SeenLandmark| {
        let after = Followed::of(&seen.landmark, known_until).after();
        ahead.spans.partition_point(|span| span.from < after)
    };
    of_day.iter().map(reached).sum::<usize>() as f64
}

fn add_rows(rows: &mut Vec<PeriodRow>, seen: &SeenLandmark, ahead: &DaysAhead, known_until: Day) {
    let followed = Followed::of(&seen.landmark, known_until);
    let DealState { deal, day, .. } = seen.landmark.state;
    let spans = ahead.spans_of(seen.input.expected_in);
    rows.extend(spans.into_iter().take_while(|span| span.from < followed.after()).map(|span| {
        let open = f64::from(followed.days.min(span.to) - span.from);
        let closing = followed.closing.filter(|_| followed.days < span.to);
        let days = if closing.is_some() { open + HALF_A_DAY } else { open };
        PeriodRow { deal, day, input: seen.input, span, days, closing }
    }));
}

/// Whether an even draw of this share takes what stands at a position.
pub(crate) fn is_drawn(position: u64, share: f64) -> bool {
    // A float above the largest number becomes the largest number.
    share >= 1.0 || mixed(position) < (share * u64::MAX as f64) as u64
}

/// A number's bits well mixed (the finaliser of SplitMix64: Steele, Lea & Flood 2014).
pub(crate) fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::state;

    fn rows(outcome: Outcome, known: i32) -> PeriodRows {
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None, age: 0 };
        let seen = SeenLandmark { landmark: Landmark { state: state(0, 85, 0), outcome }, input };
        period_rows(&[seen], 60, Day(known), &FiscalCalendar::default())
    }

    fn days(rows: &PeriodRows) -> f64 {
        rows.rows.iter().map(|row| row.days).sum()
    }

    #[test]
    fn a_landmark_is_followed_to_its_end_or_as_far_as_is_known() {
        let won = rows(Outcome::Won(Day(97)), 200);
        assert_eq!(days(&won), 12.5);
        let closings: Vec<Option<Closing>> = won.rows.iter().map(|row| row.closing).collect();
        let (last, before) = closings.split_last().unwrap();
        assert_eq!(*last, Some(Closing::Won));
        assert!(before.iter().all(Option::is_none));
        // On the morning of day 97 nobody knew.
        let unknown = rows(Outcome::Won(Day(97)), 97);
        assert_eq!(days(&unknown), 12.0);
        assert!(unknown.rows.iter().all(|row| row.closing.is_none()));
        assert_eq!(days(&rows(Outcome::Open, 100)), 15.0);
        assert_eq!(rows(Outcome::Lost(Day(85)), 86).rows.len(), 1, "closed on the day itself");
        assert!(rows(Outcome::Open, 85).rows.is_empty());
    }

    #[test]
    fn quarter_ends_between_the_first_landmark_and_today_are_counted() {
        // Quarters end on days 89 and 180, months on days 89, 119, 150 and 180.
        let seen = rows(Outcome::Open, 181);
        assert_eq!((seen.quarter_ends, seen.month_ends), (2, 4));
        assert_eq!(rows(Outcome::Open, 89).quarter_ends, 0);
    }
}
