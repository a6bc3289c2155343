//! Tests of plans and of writing them.

mod applying;
mod planning;
