//! Everything that reads or writes a file.

pub mod memory;
pub mod npy;
pub mod page_file;
pub mod recovery;
pub mod save;
pub mod unfinished;
