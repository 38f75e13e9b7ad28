//! Saving without losing anything: a temporary file beside the old one, read back, synced, renamed over it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::page_file::io_message;

/// What must be true of the file that is about to be replaced.
#[derive(Clone, Copy, Debug)]
pub enum Expect<'a> {
    /// Anything: the person has said so.
    Anything,
    /// There is no such file.
    Nothing,
    /// It still holds these bytes.
    Content(&'a [u8]),
}

/// Why a file was not saved. The old file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The file holds something else than when it was opened.
    #[error("the file has been changed by somebody else since it was opened")]
    Changed,
    /// A file is there that nobody expected.
    #[error("there is a file of that name already")]
    Exists,
    /// What was read back is not what was written.
    #[error("what was written could not be read back; the disk may be failing")]
    Garbled,
    /// The system refused.
    #[error("{}", io_reason(.0))]
    Io(#[from] io::Error),
}

fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "the folder does not exist".to_owned(),
        io::ErrorKind::NotADirectory => "what should be its folder is none".to_owned(),
        _ => io_message(error),
    }
}

/// Writes `bytes` to `path`. Whatever happens, `path` holds either its old content or all of the new.
pub fn save(path: &Path, bytes: &[u8], expect: Expect<'_>) -> Result<(), SaveError> {
    let target = resolve_links(path);
    let old = match fs::read(&target) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    match (expect, &old) {
        (Expect::Anything, _) | (_, None) => {}
        (Expect::Nothing, Some(_)) => return Err(SaveError::Exists),
        (Expect::Content(expected), Some(found)) if expected != found => return Err(SaveError::Changed),
        (Expect::Content(_), Some(_)) => {}
    }
    let (mut temporary, target) = temporary_beside(path)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    let mut back = Vec::with_capacity(bytes.len());
    File::open(temporary.path())?.read_to_end(&mut back)?;
    if back != bytes {
        return Err(SaveError::Garbled);
    }
    finish(temporary, &target)
}

/// A temporary file in the folder of the file that `path` stands for, with the permissions that this has or would have;
/// and that file.
pub fn temporary_beside(path: &Path) -> Result<(NamedTempFile, PathBuf), SaveError> {
    let target = resolve_links(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".nudge-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&target).map_or(0o666, |m| m.permissions().mode());
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    let temporary = builder.tempfile_in(folder_of(&target))?;
    Ok((temporary, target))
}

/// Puts a temporary file in the place of the one that it is for, safe from a crash.
pub fn finish(temporary: NamedTempFile, target: &Path) -> Result<(), SaveError> {
    temporary.as_file().sync_all()?;
    if target.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    temporary.persist(target).map_err(|e| e.error)?;
    if let Ok(folder) = File::open(folder_of(target)) {
        // Not every file system can sync a folder; the file itself is safe.
        let _ = folder.sync_all();
    }
    Ok(())
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The file that `path` stands for: a link stays a link, what it points to is replaced.
fn resolve_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        save(&path, b"one", Expect::Nothing).unwrap();
        assert!(matches!(save(&path, b"two", Expect::Nothing), Err(SaveError::Exists)));
        assert!(matches!(save(&path, b"two", Expect::Content(b"other")), Err(SaveError::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        save(&path, b"two", Expect::Content(b"one")).unwrap();
        save(&path, b"three", Expect::Anything).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_refused_save_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no/such/folder/p.json");
        assert!(matches!(save(&missing, b"x", Expect::Anything), Err(SaveError::Io(_))));
        assert!(matches!(save(folder.path(), b"x", Expect::Anything), Err(SaveError::Io(_))));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        save(&link, b"new", Expect::Anything).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
