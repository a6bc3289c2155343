//! `dealcast push`: scores back into a CRM.

mod arguments;
mod at_night;
mod carry_out;
mod chosen;
mod failure;
mod shown;
mod steps;

pub(crate) use arguments::PushCommand;
pub(crate) use at_night::NightPush;
pub(crate) use carry_out::push;
