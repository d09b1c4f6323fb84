//! Legal dates: each rule with a table of cases from its provision, the calendar, and properties.
//!
//! A case is written in lines: what happened, when in German time, and what the verdict must be.
//! The same cases, and made ones, are docs/format/vectors/deadlines.json, for other implementations.

#![allow(clippy::unwrap_used)] // a test binary

mod appeal;
mod bounds;
mod calendar;
mod documents;
mod properties;
mod rules;
mod story;
mod table;
mod taxes;
mod vectors;
