//! Holds what `src/ARCHITECTURE.md` says about the source itself. The files of `src` are read as text, comments and test
//! code taken out: what a file imports, what it defines, what it touches.

mod circles;
mod imports;
mod languages;
mod layers;
mod lexer;
mod modules;
mod once;
mod reach;
mod shape;
mod source;
