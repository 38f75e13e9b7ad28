//! Options that several commands take: `--set`, `--feed`, `--fetch`.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::check::{CheckedPage, Feeds, Surroundings};
use node_core::problem::suggestion;
use node_core::value::Wanted;
use node_core::{AttrType, BlockId, DType, Direction, Page, PortKind, PortRef, Role, Tensor, Value, literal};
use node_engine::resolve_outputs;
use node_io::files::TensorFiles;

use super::output::Output;
use super::progress::Bar;

/// What is wrong with an option: with how it is used, or with a file that it names.
pub enum OptionError {
    /// It is used wrongly.
    Usage(String),
    /// A file is wrong.
    File(String),
}

/// Goes on after what is wrong, so that all of it is told.
pub fn each<S: AsRef<B>, B: ?Sized, T>(
    texts: &[S],
    errors: &mut Vec<OptionError>,
    mut read: impl FnMut(&B) -> Result<T, OptionError>,
) -> Vec<T> {
    let mut good = Vec::new();
    for text in texts {
        match read(text.as_ref()) {
            Ok(value) => good.push(value),
            Err(error) => errors.push(error),
        }
    }
    good
}

pub fn usage<T>(option: &str, text: &str, message: impl std::fmt::Display) -> Result<T, OptionError> {
    Err(OptionError::Usage(format!("{option} {text}: {message}")))
}

/// Splits `BLOCK.NAME=VALUE`.
pub fn assignment<'t>(option: &str, text: &'t str) -> Result<(PortRef, &'t str), OptionError> {
    let Some((target, value)) = text.split_once('=') else {
        return usage(option, text, "this is no assignment; write BLOCK.NAME=VALUE");
    };
    match PortRef::parse(target) {
        Ok(port) => Ok((port, value)),
        Err(_) => usage(option, text, format!("'{target}' is no BLOCK.NAME; write BLOCK.NAME=VALUE")),
    }
}

fn no_block(page: &Page, id: &BlockId) -> String {
    let hint = suggestion(id.as_str(), page.blocks.iter().map(|(id, _)| id.as_str()));
    format!("there is no block '{id}'{hint}")
}

/// Applies every `--set BLOCK.ATTR=VALUE` to the page; literals last, since other attributes say what they may be.
pub fn apply_sets(page: &mut Page, sets: &[String], around: &Surroundings<'_>, errors: &mut Vec<OptionError>) {
    if sets.is_empty() {
        return;
    }
    let mut checked = CheckedPage::default().recheck(&Arc::new(page.clone()), around);
    let (others, literals): (Vec<_>, Vec<_>) = sets.iter().cloned().partition(|text| !sets_literal(&checked, text));
    each(&[others, literals].concat(), errors, |text: &str| {
        let (target, value) = assignment("--set", text)?;
        let edit = checked.assign(&target, value).or_else(|message| usage("--set", text, message))?;
        edit.apply(page).or_else(|error| usage("--set", text, error))?;
        checked = checked.recheck(&Arc::new(page.clone()), around);
        Ok(())
    });
}

/// Whether it is a literal that this sets.
fn sets_literal(checked: &CheckedPage, text: &str) -> bool {
    let Ok((target, _)) = assignment("--set", text) else { return false };
    let spec = checked.blocks.get(&target.block).and_then(|block| block.spec());
    let attr = spec.and_then(|spec| spec.attr(&target.port));
    attr.map_or(spec.is_some_and(|spec| spec.role != Role::AttributeSet), |attr| {
        matches!(attr.ty, AttrType::Tensor { .. })
    })
}

/// Reads every `--feed BLOCK.PORT=LITERAL`, `=@FILE` or `=@FILE:PART`.
pub fn read_feeds(
    page: &Arc<Page>,
    feeds: &[OsString],
    around: &Surroundings<'_>,
    (files, output): (&TensorFiles, &Output),
    errors: &mut Vec<OptionError>,
) -> Feeds {
    let mut found = Feeds::new();
    if feeds.is_empty() {
        return found;
    }
    let checked = CheckedPage::default().recheck(page, around);
    each(feeds, errors, |given: &OsStr| {
        let (text, file) = feed(given)?;
        let text = text.as_str();
        let (target, value) = assignment("--feed", text)?;
        let (port, dtype) = feedable(&checked, &target).or_else(|message| usage("--feed", text, message))?;
        let tensor = match file {
            Some(file) if file.is_empty() => return usage("--feed", text, "@ is followed by the name of a file"),
            Some(file) => read_file(Path::new(&file), dtype, (files, output))?,
            None => {
                let value = Value::parse_typed(value, Wanted::of(dtype));
                let tensor = value.and_then(|value| literal::tensor(&value, dtype));
                tensor.or_else(|message| usage("--feed", text, message))?
            }
        };
        match found.insert(port, tensor) {
            Some(_) => usage("--feed", text, format!("{target} is fed twice")),
            None => Ok(()),
        }
    });
    found
}

/// The text of a feed, and the file that it names: its name may be any that the system allows.
fn feed(given: &OsStr) -> Result<(String, Option<OsString>), OptionError> {
    let bytes = given.as_encoded_bytes();
    let text = given.to_string_lossy().into_owned();
    let Some(at) = bytes.windows(2).position(|pair| pair == b"=@").filter(|at| !bytes[..*at].contains(&b'=')) else {
        return match given.to_str() {
            Some(_) => Ok((text, None)),
            None => usage("--feed", &text, "this is not UTF-8 text"),
        };
    };
    #[cfg(unix)]
    let file = std::os::unix::ffi::OsStrExt::from_bytes(&bytes[at + 2..]);
    #[cfg(not(unix))]
    let file = OsStr::new(text.get(at + 2..).unwrap_or_default());
    Ok((text, Some(OsStr::to_owned(file))))
}

/// The file that a feed names, if it names one.
pub fn fed_file(given: &OsStr) -> Option<PathBuf> {
    let file = PathBuf::from(feed(given).ok()?.1?);
    Some(file_and_part(&file).0)
}

/// `FILE:PART` as file and part; all of it is the file's name where there is such a file.
pub fn file_and_part(given: &Path) -> (PathBuf, String) {
    let whole = || (given.to_owned(), String::new());
    let Some(text) = given.to_str().filter(|_| !given.exists()) else { return whole() };
    let mut splits = text.match_indices(':').map(|(at, _)| (&text[..at], &text[at + 1..]));
    splits.find(|(file, _)| Path::new(file).exists()).map_or_else(whole, |(file, part)| (file.into(), part.to_owned()))
}

/// The tensor in a file. Where a wider type of the same kind is `wanted` it is widened, and that is told.
fn read_file(
    given: &Path,
    wanted: Option<DType>,
    (files, output): (&TensorFiles, &Output),
) -> Result<Tensor, OptionError> {
    let (file, part) = file_and_part(given);
    let read = files.open_path(&file, &part, &Bar::of(format!("reading {}", file.display())));
    let tensor = read.map_err(|what| OptionError::File(format!("{}: {what}", file.display())))?;
    let from = tensor.dtype();
    let Some(to) = wanted.filter(|to| *to != from && to.holds_all_of(from)) else { return Ok(tensor) };
    let wider = tensor.widened(to).ok_or_else(|| {
        let what = format!("holds {from}, is fed as {to}, and does not fit into memory as that");
        OptionError::File(format!("{}: {what}", file.display()))
    })?;
    output.note(format!("{}: holds {from}, fed as {to}; every value is the same", file.display()));
    Ok(wider)
}

fn feedable(checked: &CheckedPage, target: &PortRef) -> Result<(PortRef, Option<DType>), String> {
    let Some(block) = checked.blocks.get(&target.block) else { return Err(no_block(&checked.page, &target.block)) };
    let spec = block.spec();
    let Some(spec) = spec.filter(|spec| spec.role == Role::Feed) else {
        let type_name = checked.page.block(target.block.as_str()).map(|b| b.type_name.clone()).unwrap_or_default();
        return Err(format!("'{}' is of type {type_name}; only a Placeholder can be fed", target.block));
    };
    match spec.port(Direction::Out, &target.port).filter(|p| p.kind == PortKind::Tensor) {
        Some(port) => {
            let set = block.setup.as_ref().and_then(|setup| setup.attrs.dtype("dtype"));
            let declared = set.or_else(|| block.outputs.first().map(|ty| ty.dtype));
            Ok((PortRef::new(&target.block, &port.name), declared))
        }
        None => {
            let hint = suggestion(&target.port, spec.outputs().map(|p| &*p.name));
            Err(format!("{} has no output '{}'{hint}", spec.name, target.port))
        }
    }
}

/// Reads every `--fetch BLOCK.PORT`, each once.
pub fn read_fetches(checked: &CheckedPage, fetches: &[String], errors: &mut Vec<OptionError>) -> Vec<PortRef> {
    let ports = each(fetches, errors, |text: &str| {
        let port = PortRef::parse(text).and_then(|port| resolve_outputs(checked, &port));
        port.or_else(|message| usage("--fetch", text, message))
    });
    let mut seen = HashSet::new();
    ports.into_iter().flatten().filter(|port| seen.insert(port.clone())).collect()
}
