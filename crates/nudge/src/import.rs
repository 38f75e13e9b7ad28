//! Files of other programs as pages: what of them a window and a command line share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::access::Host;
use node_core::{Feeds, Problem, Registry, Tensor, Value};
use node_editor::host::ImportedPage;
use node_editor::layout;
use node_io::enuspace;
use node_io::page_file::{self, io_message};
use node_io::results::{self, Format};
use node_io::save::{Expect, SaveError, save};
use node_tensorflow::import::{Import, import, read};

/// What stands in the way of an import.
pub enum Refusal {
    /// The file cannot be read at all.
    Unreadable(String),
    /// What is wrong with what it holds.
    Wrong(Vec<Problem>),
    /// Somebody has stopped it.
    Stopped,
}

/// Whether a file's name says that it holds a graph of TensorFlow's, or a model of ONNX.
pub fn is_graph(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    matches!(ending.as_deref(), Some("pb" | "pbtxt")) || is_onnx(path)
}

fn is_onnx(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"))
}

/// Where the large constants of a page stand.
pub fn constants_of(page: &Path) -> PathBuf {
    page.with_extension("constants.safetensors")
}

/// Reads a file of another program as a page. `go_on` is told how far it is.
pub fn file(path: &Path, registry: &Registry, go_on: &dyn Fn(f32) -> bool) -> Result<ImportedPage, Refusal> {
    if !is_graph(path) {
        let bytes = enuspace::read(path).map_err(|error| Refusal::Unreadable(io_message(&error)))?;
        let enuspace::Imported { page, left_out } = enuspace::import(&bytes, registry).map_err(Refusal::Wrong)?;
        return Ok(ImportedPage { page, constants: Vec::new(), left_out });
    }
    let bytes = std::fs::read(path).map_err(|error| Refusal::Unreadable(io_message(&error)))?;
    let (file, most) = (file_name(&constants_of(path)), |done: f32| go_on(0.7 * done));
    let (constants, go_on_with): (&str, &dyn Fn(f32) -> bool) = (&file, &most);
    let (mut page, constants, left_out) = if is_onnx(path) {
        let model = node_onnx::read(bytes).map_err(Refusal::Wrong)?;
        let how = node_onnx::Import { registry, constants, go_on: go_on_with };
        let imported = node_onnx::import(&model, &how).map_err(Refusal::Wrong)?.ok_or(Refusal::Stopped)?;
        (imported.page, imported.constants, imported.left_out)
    } else {
        let def = read(path, bytes).map_err(Refusal::Wrong)?;
        let how = Import { registry, constants, go_on: go_on_with };
        let imported = import(&def, &how).map_err(Refusal::Wrong)?.ok_or(Refusal::Stopped)?;
        (imported.page, imported.constants, imported.left_out)
    };
    let checked = node_core::check(&Arc::new(page.clone()), registry, &Feeds::new());
    page.layout = layout::of_page(&checked);
    if go_on(0.9) { Ok(ImportedPage { page, constants, left_out }) } else { Err(Refusal::Stopped) }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Writes a page with the file of its constants, which its blocks then read. First that file: a page whose file is not
/// there would be no use.
pub fn write(
    path: &Path,
    imported: &mut ImportedPage,
    registry: &Registry,
    host: &dyn Host,
) -> Result<(), (PathBuf, SaveError)> {
    if !imported.constants.is_empty() {
        let file = constants_of(path);
        let named = Value::String(file_name(&file));
        for (id, _) in &imported.constants {
            if let Some(block) = imported.page.blocks.get_mut(id) {
                Arc::make_mut(block).attrs.set("path", Some(named.clone().into()), None);
            }
        }
        let tensors: Vec<(String, &Tensor)> =
            imported.constants.iter().map(|(id, tensor)| (id.to_string(), tensor)).collect();
        results::write(&file, Format::Safetensors, &tensors, host).map_err(|error| (file, error))?;
    }
    let text = page_file::to_text(&imported.page, registry);
    save(path, text.as_bytes(), Expect::Anything).map_err(|error| (path.to_owned(), error))
}
