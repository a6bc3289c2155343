//! Calls, mails, meetings and demos on one deal: frequent while it is worked on, rare once it stalls.

use rand::RngExt;

use crate::simulate::calendar::Time;
use crate::simulate::catalogue::ACTIVITIES;
use crate::simulate::deal::NewDeal;
use crate::simulate::journey::Journey;
use crate::simulate::stream::{Stream, exponential, pick};
use crate::simulate::world::World;

/// Activities per working day of a live deal, by stage.
const LIVE_RATE: [f64; 4] = [0.09, 0.11, 0.13, 0.15];

/// Activities per working day of a stalled deal.
const STALLED_RATE: f64 = 0.018;

/// One activity, or several of a kind at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activity {
    /// When.
    pub at: Time,
    /// Position in [`ACTIVITIES`].
    pub kind: usize,
    /// How many.
    pub count: i32,
}

/// The activities on `deal` before the export, in time order.
pub fn of(world: &World, deal: &NewDeal, journey: &Journey, rng: &mut Stream) -> Vec<Activity> {
    let span = world.calendar.span();
    let habit = world.organisation.owner(deal.owner).diligence * (0.35 * deal.quality).exp() * world.config.activity;
    let mut activities = Vec::new();
    if habit <= 0.0 {
        return activities;
    }
    for stay in &journey.stays {
        let rate = habit * if stay.live { LIVE_RATE[usize::from(stay.stage)] } else { STALLED_RATE };
        let mut at = stay.from;
        loop {
            at = world.calendar.working.after(at, exponential(rng, 1.0 / rate));
            if at >= stay.until.min(span) {
                break;
            }
            let kind = pick(rng, ACTIVITIES.iter().map(|kind| kind.1));
            let count = if kind == 0 { rng.random_range(1..=3) } else { 1 };
            activities.push(Activity { at, kind, count });
        }
    }
    activities
}
