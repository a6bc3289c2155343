//! Ids and row numbers, a type for each kind: an owner cannot be looked up among currencies, nor a row among deals.
//!
//! All are positions in some list, and mean nothing without it.

/// A position in a list of its own kind.
pub trait Id: Copy {
    /// The id of position `index`.
    fn at(index: usize) -> Self;

    /// Its position.
    fn index(self) -> usize;
}

/// Declares kinds of ids over the integer they take the room of.
macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident($integer:ty);)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($integer);

        impl $name {
            /// The id of position `index`.
            #[must_use]
            pub const fn at(index: usize) -> Self {
                Self(index as $integer)
            }

            /// Its position.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl Id for $name {
            fn at(index: usize) -> Self {
                Self::at(index)
            }

            fn index(self) -> usize {
                self.index()
            }
        }
    )*};
}

ids! {
    /// A deal of a timeline: position in `Timeline::deals` and in the states of its snapshot.
    DealIx(u32);
    /// A row of the deals table.
    RowIx(u32);
    /// A row of the leads table.
    LeadIx(u32);
    /// An owner.
    OwnerId(u32);
    /// A currency.
    CurrencyId(u32);
    /// A sales process: a value of the deals' `pipeline` column.
    PipelineId(u32);
    /// A stage's name as it stands in the data; what stage it means depends on pipeline and day.
    StageNameId(u32);
    /// A stage of the process: position in the stage list.
    StageId(u16);
    /// A marketing source of leads and touches. Those of deals are words of the deals' own column.
    SourceId(u32);
    /// A campaign of leads and touches. Those of deals are words of the deals' own column.
    CampaignId(u32);
    /// A kind of activity.
    ActivityKindId(u32);
    /// A source or a campaign by names that mean the same for deals, leads and touches.
    OriginId(u32);
    /// A value of one text column, by that column's own dictionary.
    WordId(u32);
}
