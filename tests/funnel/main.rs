//! Funnel, stagnation and sources: against numbers computed elsewhere, and invariants on random worlds.

mod columns;
mod invariants;
mod kinds;
mod paths;
mod reference;
mod world;
