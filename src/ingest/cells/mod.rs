//! One cell's text to a value: dates, amounts, words. Knows nothing of files, columns or rules.

pub mod amount;
pub mod date;
pub mod own_value;
mod time_of_day;
pub mod words;
