//! One cell's text to a value: dates, amounts, words. Knows nothing of files, columns or rules.

pub mod amount;
pub mod date;
pub mod words;
