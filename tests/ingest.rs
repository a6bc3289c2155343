//! Ingest from files on disk: clean tables, every kind of dirty input, damaged files, and the row balance.

mod ingest {
    mod balance;
    mod balance_tables;
    mod copies;
    mod declared;
    mod dirty;
    mod exports;
    mod faults;
    mod formats;
    mod kinds;
    mod kinds_of_cells;
    mod marketing;
    mod twice;
    pub mod world;
}
