//! age v1 files.
