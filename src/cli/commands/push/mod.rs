//! `dealcast push`: scores back into a CRM.

mod arguments;
mod carry_out;
mod chosen;
mod failure;

pub(crate) use arguments::PushCommand;
pub(crate) use carry_out::push;
