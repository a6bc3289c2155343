//! Landmark rows to a [`WinModel`]: fitted, judged out of time, calibrated, stored.
//!
//! Trains and evaluates; does not score today's deals (`scoring`) and writes no report.
