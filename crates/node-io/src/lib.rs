//! Everything that reads or writes a file.

mod arrays;
pub mod enuspace;
pub mod files;
mod mapping;
pub mod memory;
pub mod npy;
pub mod page_file;
pub mod recovery;
pub mod results;
pub mod save;
pub mod unfinished;
mod watched;
