//! One cell's text to a value: dates, amounts, words. Knows nothing of files, columns or rules.

pub mod amount;
pub mod currency;
pub mod date;
pub mod escapes;
pub mod ids;
mod months;
pub mod nothing;
pub mod own_value;
mod signs;
mod time_of_day;
mod weekdays;
pub mod words;
