//! Saving without losing anything: a temporary file beside the old one, read back, synced, renamed over it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::page_file::io_message;
use crate::unfinished::Unfinished;

/// What must be true of the file that is about to be replaced.
#[derive(Clone, Copy, Debug)]
pub enum Expect<'a> {
    /// Anything that may be written.
    Anything,
    /// Anything, also what its permissions protect: the person has said so.
    EvenReadOnly,
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
    /// The file's permissions do not let it be written, though its folder's let it be replaced.
    #[error("the file is read-only")]
    ReadOnly,
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
    is_as_expected(&target, expect)?;
    let mut temporary = temporary_beside(&target)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    let mut back = Vec::with_capacity(bytes.len());
    File::open(temporary.path())?.read_to_end(&mut back)?;
    if back != bytes {
        return Err(SaveError::Garbled);
    }
    finish(temporary, &target, expect)
}

/// Whether the file is what it is expected to be, and may be written.
fn is_as_expected(target: &Path, expect: Expect<'_>) -> Result<(), SaveError> {
    if !is_there(target)? {
        return Ok(());
    }
    let old = match fs::read(target) {
        Ok(content) => content,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match expect {
        Expect::EvenReadOnly => Ok(()),
        Expect::Nothing => Err(SaveError::Exists),
        Expect::Content(expected) if expected != old => Err(SaveError::Changed),
        Expect::Content(_) | Expect::Anything => is_writable(target),
    }
}

/// Whether there is a file. What is there and no file, such as a pipe, is not opened: that could wait for ever.
fn is_there(target: &Path) -> Result<bool, SaveError> {
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(metadata) if metadata.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory).into()),
        Ok(_) => Err(io::Error::other("this is no file that can be replaced").into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Judged by the file's permissions: an administrator, whom no permission stops, is told as well.
pub fn is_writable(target: &Path) -> Result<(), SaveError> {
    if !is_there(target)? {
        return Ok(());
    }
    let permissions = fs::metadata(target)?.permissions();
    let denied =
        || matches!(File::options().write(true).open(target), Err(e) if e.kind() == io::ErrorKind::PermissionDenied);
    if permissions.readonly() || denied() { Err(SaveError::ReadOnly) } else { Ok(()) }
}

/// A temporary file in the folder of `target`, with the permissions that this has or would have.
pub fn temporary_beside(target: &Path) -> Result<Unfinished, SaveError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".nudge-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let temporary = Unfinished::new(|| builder.tempfile_in(folder_of(target)))?;
    if let Ok(old) = fs::metadata(target) {
        // Not when it is made: the process' mask would take some away.
        temporary.as_file().set_permissions(old.permissions())?;
    }
    Ok(temporary)
}

/// Puts a temporary file in the place of the one that it is for, safe from a crash, if that is still what is expected.
pub fn finish(temporary: Unfinished, target: &Path, expect: Expect<'_>) -> Result<(), SaveError> {
    temporary.as_file().sync_all()?;
    if target.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    if matches!(expect, Expect::Nothing) {
        temporary.persist(target, true).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => SaveError::Exists,
            _ => error.into(),
        })?;
    } else {
        if matches!(expect, Expect::Content(_)) {
            is_as_expected(target, expect)?;
        }
        temporary.persist(target, false)?;
    }
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

/// The file that `path` stands for, there or not: a link stays a link, what it points to is replaced or made.
pub fn resolve_links(path: &Path) -> PathBuf {
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(file) = fs::canonicalize(&path) {
            return file;
        }
        let Ok(to) = fs::read_link(&path) else { break };
        path = folder_of(&path).join(to);
    }
    path
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

    #[test]
    fn what_comes_in_between_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        let written = || {
            let mut temporary = temporary_beside(&path).unwrap();
            temporary.write_all(b"mine").unwrap();
            temporary
        };
        let temporary = written();
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(finish(temporary, &path, Expect::Nothing), Err(SaveError::Exists)));
        let temporary = written();
        assert!(matches!(finish(temporary, &path, Expect::Content(b"before")), Err(SaveError::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_write_permission_is_left_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(save(&path, b"new", Expect::Anything), Err(SaveError::ReadOnly)));
        assert!(matches!(save(&path, b"new", Expect::Content(b"old")), Err(SaveError::ReadOnly)));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        save(&path, b"new", Expect::EvenReadOnly).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o444);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_that_is_not_there_yet_is_followed() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        let (first, second) = (folder.path().join("first.json"), folder.path().join("below/second.json"));
        symlink("below/second.json", &first).unwrap();
        symlink("../real.json", &second).unwrap();
        save(&first, b"new", Expect::Nothing).unwrap();
        assert_eq!(fs::read(folder.path().join("real.json")).unwrap(), b"new");
        assert!(
            fs::symlink_metadata(&first).unwrap().is_symlink() && fs::symlink_metadata(&second).unwrap().is_symlink()
        );
        let round = folder.path().join("round.json");
        symlink("round.json", &round).unwrap();
        assert!(matches!(save(&round, b"new", Expect::Anything), Err(SaveError::Io(_))));
        assert!(fs::symlink_metadata(&round).unwrap().is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        // Some of them are more than a new file gets.
        for mode in [0o640, 0o664, 0o666, 0o777, 0o600] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            save(&link, format!("{mode}").as_bytes(), Expect::Anything).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read(&file).unwrap(), format!("{mode}").as_bytes());
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, mode);
        }
    }
}
