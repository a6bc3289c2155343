//! A seeded sales world with its truth: for the sample, the tests and the benchmarks.
