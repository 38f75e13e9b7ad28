//! Reading and writing that tells of its progress and can be stopped.

use std::io::{self, Read, Seek, SeekFrom, Write};

use node_core::access::Host;

/// So many bytes are written between two looks at whether to stop.
const PIECE: usize = 1 << 20;

/// A reader or writer whose progress is told; once the host wants it to stop, it fails.
pub struct Watched<'h, R> {
    inner: R,
    done: u64,
    all: u64,
    host: &'h dyn Host,
}

impl<'h, R> Watched<'h, R> {
    /// Over one of which, or to which, about `all` bytes go.
    pub fn new(inner: R, all: u64, host: &'h dyn Host) -> Watched<'h, R> {
        Watched { inner, done: 0, all, host }
    }

    fn go_on(&self) -> io::Result<()> {
        match self.host.is_cancelled() {
            true => Err(io::Error::other("it was stopped")),
            false => Ok(()),
        }
    }

    fn has_done(&mut self, bytes: usize) -> usize {
        self.done += bytes as u64;
        self.host.progress(self.done.min(self.all) as usize, self.all as usize);
        bytes
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.go_on()?;
        let read = self.inner.read(bytes)?;
        Ok(self.has_done(read))
    }
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.go_on()?;
        let written = self.inner.write(&bytes[..bytes.len().min(PIECE)])?;
        Ok(self.has_done(written))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<S: Seek> Seek for Watched<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
