//! The client: what a party's own machine holds and does.

pub mod book;
pub mod kept;
pub mod keyfile;
pub mod profile;
