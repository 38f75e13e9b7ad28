//! Reading that tells of its progress and can be stopped.

use std::io::{self, Read};

use node_core::access::Host;

/// A reader whose progress is told; once the host wants it to stop, it fails.
pub struct Watched<'h, R> {
    reader: R,
    done: u64,
    all: u64,
    host: &'h dyn Host,
}

impl<'h, R: Read> Watched<'h, R> {
    /// Over a reader of which about `all` bytes are to be read.
    pub fn new(reader: R, all: u64, host: &'h dyn Host) -> Watched<'h, R> {
        Watched { reader, done: 0, all, host }
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.host.is_cancelled() {
            return Err(io::Error::other("the reading was stopped"));
        }
        let read = self.reader.read(bytes)?;
        self.done += read as u64;
        self.host.progress(self.done.min(self.all) as usize, self.all as usize);
        Ok(read)
    }
}
