//! A value that may be missing, in the room of the value itself.
//!
//! [`Maybe`] is for what exists millions of times (steps of a timeline, states of deals, columns of the input): an
//! `Option<Day>` takes twice the room of a [`Day`]. Everywhere else an `Option` is plainer. The one value of each type
//! that stands for "none" is known to this file only.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::domain::day::{Day, Moment};
use crate::domain::ids::{
    ActivityKindId, CampaignId, CurrencyId, DealIx, LeadIx, OriginId, OwnerId, PipelineId, RowIx, SourceId, StageId,
    StageNameId, WordId,
};

/// A `T` or nothing, as large as a `T`.
///
/// Equal where both have the same value or neither has one. The order is that of the values; where nothing stands is
/// fixed for each type and means nothing. The one value that stands for nothing (the smallest day, the smallest amount)
/// reads back as nothing.
#[derive(Clone, Copy)]
pub struct Maybe<T: Compact>(T);

/// What a [`Maybe`] can hold: days, moments, amounts in minor units (`i64`), chances (`f32`, `f64`) and ids.
pub trait Compact: Copy + vacant::Vacant {}

mod vacant {
    /// A type with a value to spare.
    pub trait Vacant: Sized {
        /// The value that stands for none.
        const NONE: Self;

        /// Its bits.
        fn bits(self) -> u64;
    }
}

impl<T: Compact> Maybe<T> {
    /// No value.
    pub const NONE: Self = Self(T::NONE);

    /// The value, if there is one.
    #[must_use]
    pub fn get(self) -> Option<T> {
        self.is_some().then_some(self.0)
    }

    /// Whether there is a value.
    #[must_use]
    pub fn is_some(self) -> bool {
        !self.is_none()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0.bits() == T::NONE.bits()
    }

    /// A number for checksums: the same where, and only where, the values are the same.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0.bits()
    }
}

impl<T: Compact> Default for Maybe<T> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<T: Compact> From<T> for Maybe<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Compact> From<Option<T>> for Maybe<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::NONE, Self)
    }
}

impl<T: Compact + PartialEq> PartialEq for Maybe<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.is_none() && other.is_none()
    }
}

impl<T: Compact + Eq> Eq for Maybe<T> {}

impl<T: Compact + Ord> PartialOrd for Maybe<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Compact + Ord> Ord for Maybe<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T: Compact + Eq> Hash for Maybe<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl<T: Compact + fmt::Debug> fmt::Debug for Maybe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// Makes types compact: the value that stands for none, and the bits of a value.
macro_rules! compact {
    ($($type:ty: $none:expr, $bits:expr;)*) => {$(
        impl vacant::Vacant for $type {
            const NONE: Self = $none;

            fn bits(self) -> u64 {
                let bits: fn(Self) -> u64 = $bits;
                bits(self)
            }
        }

        impl Compact for $type {}
    )*};
}

compact! {
    Day: Self(i32::MIN), |day| i64::from(day.0) as u64;
    Moment: Self(i64::MIN), |moment| moment.0 as u64;
    i64: Self::MIN, |minor| minor as u64;
    f32: Self::NAN, |chance| if chance.is_nan() { Self::NAN.to_bits().into() } else { chance.to_bits().into() };
    f64: Self::NAN, |number| if number.is_nan() { Self::NAN.to_bits() } else { number.to_bits() };
    ActivityKindId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    CampaignId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    CurrencyId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    DealIx: Self::at(u32::MAX as usize), |id| id.index() as u64;
    LeadIx: Self::at(u32::MAX as usize), |id| id.index() as u64;
    OriginId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    OwnerId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    PipelineId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    RowIx: Self::at(u32::MAX as usize), |id| id.index() as u64;
    SourceId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    StageId: Self::at(u16::MAX as usize), |id| id.index() as u64;
    StageNameId: Self::at(u32::MAX as usize), |id| id.index() as u64;
    WordId: Self::at(u32::MAX as usize), |id| id.index() as u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maybe_is_as_large_as_its_value() {
        assert_eq!(size_of::<Maybe<Day>>(), size_of::<Day>());
        assert_eq!(size_of::<Maybe<i64>>(), size_of::<i64>());
        assert_eq!(size_of::<Maybe<StageId>>(), size_of::<u16>());
        assert_eq!(size_of::<Maybe<f32>>(), size_of::<f32>());
    }

    #[test]
    fn values_come_back_and_nothing_stays_nothing() {
        assert_eq!(Maybe::from(Day(-3)).get(), Some(Day(-3)));
        assert_eq!(Maybe::from(0_i64).get(), Some(0));
        assert_eq!(Maybe::<OwnerId>::from(None).get(), None);
        assert_eq!(Maybe::from(Some(StageId::at(2))).get(), Some(StageId::at(2)));
        assert_eq!(Maybe::<f32>::default(), Maybe::NONE, "nothing equals nothing, also where it is not a number");
        assert_eq!(Maybe::from(f32::NAN), Maybe::NONE);
        assert_ne!(Maybe::from(0.5_f32), Maybe::NONE);
        assert_eq!(format!("{:?} {:?}", Maybe::from(7_i64), Maybe::<Day>::NONE), "Some(7) None");
    }
}
