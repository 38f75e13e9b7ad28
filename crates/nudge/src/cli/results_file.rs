//! `-o FILE`: results in a file, of the format that its ending says.

use std::path::{Path, PathBuf};

use node_core::PortRef;
use node_io::results::Format;
use node_io::save::SaveError;

use super::options::OptionError;
use super::setup::Setup;

/// The format that a file's ending says.
pub fn format_of(path: &Path) -> Result<Format, OptionError> {
    Format::of(path).ok_or_else(|| {
        OptionError::Usage(format!("-o {}: the file must end in {}", path.display(), Format::endings().join(", ")))
    })
}

/// A file that is read is not written over.
pub fn is_no_input(path: &Path, page: &Path, mut fed: impl Iterator<Item = PathBuf>) -> Result<(), OptionError> {
    let used = |what: &str| OptionError::Usage(format!("-o {}: this is {what}; name another file", path.display()));
    if is_same_file(path, page) {
        return Err(used("the page that runs"));
    }
    match fed.any(|file| is_same_file(path, &file)) {
        true => Err(used("a file that is fed")),
        false => Ok(()),
    }
}

/// Nor is a file that a block reads.
pub fn is_read_by_no_block(path: &Path, setup: &Setup) -> Result<(), OptionError> {
    match setup.files.looked_at().iter().any(|file| is_same_file(path, file)) {
        true => {
            let message = format!("-o {}: this is a file that a block reads; name another file", path.display());
            Err(OptionError::Usage(message))
        }
        false => Ok(()),
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// The one tensor that a file of the format holds, if it holds but one.
pub fn is_one<'s>(path: &Path, format: Format, fetch: &'s [PortRef]) -> Result<Option<&'s PortRef>, OptionError> {
    match fetch {
        _ if !format.holds_one() => Ok(None),
        [port] => Ok(Some(port)),
        ports => {
            let names = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Err(OptionError::Usage(format!(
                "-o {}: {} file holds one tensor, but {} are fetched ({names}); name one with --fetch, or write .npz",
                path.display(),
                format.with_article(),
                ports.len()
            )))
        }
    }
}

/// That a file cannot be written.
pub fn unwritable(path: &Path, error: &SaveError) -> OptionError {
    OptionError::File(format!("{}: cannot be written: {error}", path.display()))
}
