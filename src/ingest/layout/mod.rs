//! A file's header and a source's mapping to a [`FileLayout`]: where each canonical column comes from in this file.

mod aliases;
mod copy_day;
mod draft;
mod entered;
mod file_layout;
mod found;
mod header_names;
mod mapping;

pub(crate) use copy_day::day_in_name;
pub(crate) use draft::lay_out;
pub(crate) use file_layout::FileLayout;
