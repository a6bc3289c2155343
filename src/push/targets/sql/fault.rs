//! What can become of a statement, whatever the server: [`SqlFault`]; and when it is tried again: [`SqlTries`].

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::push::error::{PushStop, StopKind};
use crate::push::pacer::{Pacer, pause_before};

/// Why a statement did not do what it should.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::push::targets) enum SqlFault {
    /// No connection can be made, or the server takes none now. Nothing was done.
    Closed(String),
    /// The connection ended before the answer: what was sent may have been done.
    Lost(String),
    /// Somebody else holds the rows, or changed them meanwhile. Nothing was done.
    Busy(String),
    /// A value of some row is refused. Nothing was done.
    Data(String),
    /// Nothing more is to be tried.
    Stop(PushStop),
}

impl SqlFault {
    pub fn stop(kind: StopKind, message: impl Into<String>) -> Self {
        Self::Stop(PushStop::new(kind, message))
    }

    /// As the end of a push.
    pub fn ended(self, what: &str) -> PushStop {
        match self {
            Self::Closed(why) | Self::Lost(why) | Self::Busy(why) => {
                PushStop::new(StopKind::Unreachable, format!("{what}: {why}"))
            }
            Self::Data(why) => PushStop::new(StopKind::Strange, format!("{what}: {why}")),
            Self::Stop(PushStop { kind, message, .. }) => PushStop::new(kind, format!("{what}: {message}")),
        }
    }
}

/// How often something is tried, and how long is waited between.
pub(in crate::push::targets) struct SqlTries<'a> {
    pacer: &'a dyn Pacer,
    most: u32,
    random: ChaCha8Rng,
}

impl<'a> SqlTries<'a> {
    pub fn new(pacer: &'a dyn Pacer, most: u32, seed: u64) -> Self {
        Self { pacer, most, random: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Does `work` until it is done, or cannot be tried again. What was lost is tried again where it only reads.
    pub fn run<T>(&mut self, only_reads: bool, mut work: impl FnMut() -> Result<T, SqlFault>) -> Result<T, SqlFault> {
        let mut tries = 1;
        loop {
            let fault = match work() {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            let may_try = match fault {
                SqlFault::Closed(_) | SqlFault::Busy(_) => true,
                SqlFault::Lost(_) => only_reads,
                SqlFault::Data(_) | SqlFault::Stop(_) => false,
            };
            if !may_try || tries >= self.most {
                return Err(fault);
            }
            self.pacer.pause(pause_before(tries, None, &mut self.random));
            tries += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    #[derive(Default)]
    struct NoPause(AtomicU32);

    impl Pacer for NoPause {
        fn now(&self) -> String {
            String::new()
        }

        fn pause(&self, _: Duration) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_was_not_done_is_tried_again_and_what_may_have_been_done_only_where_it_reads() {
        let why = || "why".to_owned();
        for (fault, only_reads, times) in [
            (SqlFault::Closed(why()), false, 3),
            (SqlFault::Busy(why()), false, 3),
            (SqlFault::Lost(why()), true, 3),
            (SqlFault::Lost(why()), false, 1),
            (SqlFault::Data(why()), true, 1),
            (SqlFault::stop(StopKind::Refused, "why"), true, 1),
        ] {
            let (pacer, mut calls) = (NoPause::default(), 0);
            let told = SqlTries::new(&pacer, 3, 1).run(only_reads, || {
                calls += 1;
                Err::<(), _>(fault.clone())
            });
            assert_eq!((told, calls, pacer.0.load(Ordering::Relaxed)), (Err(fault), times, times - 1));
        }
        let (pacer, mut calls) = (NoPause::default(), 0);
        let told = SqlTries::new(&pacer, 3, 1).run(false, || {
            calls += 1;
            if calls < 2 { Err(SqlFault::Busy(why())) } else { Ok(calls) }
        });
        assert_eq!(told, Ok(2));
    }
}
