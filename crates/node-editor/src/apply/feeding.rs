//! Arrays of files that are given to outputs from outside, for as long as the page is open.

use std::path::Path;
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;

use egui::Pos2;
use node_core::access::Alone;
use node_core::{Attr, BlockId, CheckedPage, DType, PortRef, Role};

use super::data::waking;
use super::work::Work;
use crate::state::dialog::{ArrayChoice, Dialog};
use crate::state::tab::Tab;
use crate::state::{Feeding, State};

impl State {
    /// Takes in arrays that have been read since the last frame.
    pub(crate) fn take_feeds(&mut self) {
        for feeding in std::mem::take(&mut self.feeding) {
            let read = match feeding.array.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.feeding.push(feeding);
                    continue;
                }
                Err(TryRecvError::Disconnected) => Err("its reading broke off".to_owned()),
                Ok(read) => read,
            };
            let Feeding { page, port, name, .. } = feeding;
            let Some(index) = self.index_of(page) else { continue };
            let checked = &self.tabs[index].document.checked;
            let takes =
                |id: &BlockId| checked.blocks.get(id).and_then(|b| b.spec()).is_some_and(|s| s.role == Role::Feed);
            if !takes(&port.block) {
                self.notice = Some(format!("{name} is not fed: {} is not there any more.", port.block));
                continue;
            }
            match read {
                Ok(tensor) => {
                    self.notice = Some(format!("{port} is fed with {name} as long as this page is open."));
                    self.tabs[index].document.feed(port, Some((name, tensor)), &self.registry);
                }
                Err(why) => {
                    let title = format!("{port} cannot be fed");
                    self.notice = Some(format!("{title}: {why}"));
                    self.dialog = self.dialog.take().or(Some(Dialog::Message { title, lines: vec![why] }));
                }
            }
        }
    }
}

/// The data type that a block which is fed says it has.
fn declared(checked: &CheckedPage, id: &BlockId) -> Option<DType> {
    let setup = checked.blocks.get(id)?.setup.as_ref()?;
    let default = setup.spec().attrs.iter().find_map(|spec| match setup.attrs.get(&spec.name) {
        Some(Attr::Tensor(tensor)) => Some(tensor.dtype()),
        _ => None,
    });
    setup.attrs.dtype("dtype").or(default).or(Some(DType::Float32))
}

impl Work<'_> {
    /// The output at a place on the page that takes what is dropped there: of a block that is fed from outside.
    pub(super) fn fed_at(&self, at: Pos2) -> Option<PortRef> {
        let Tab { document, view, .. } = self.tab();
        let feeds =
            document.checked.blocks.iter().filter(|(_, block)| block.spec().is_some_and(|s| s.role == Role::Feed));
        let hit = feeds.filter(|(id, _)| document.block_rect(id).is_some_and(|rect| rect.contains(at)));
        let (id, block) = hit.max_by_key(|(id, _)| view.front(id))?;
        let output = block.setup.as_ref()?.ports.outputs().first()?;
        Some(PortRef::new(id, &output.name))
    }

    /// Gives an output the array of a file; where there are several, asks which.
    pub(super) fn feed_file(&mut self, path: &Path, port: PortRef) {
        match self.arrays_of(path) {
            Ok((path, parts)) if parts.len() < 2 => self.begin_feeding(port, path, String::new()),
            Ok((path, parts)) => {
                let choice = |part| ArrayChoice { path: path.clone(), part, is_chosen: false };
                let choices = parts.into_iter().map(choice).collect();
                let (tab, at, wrong) = (self.tab().id, None, Vec::new());
                self.state.dialog = Some(Dialog::Arrays { tab, choices, at, feeds: Some(port), wrong });
            }
            Err(why) => {
                let title = format!("{port} cannot be fed");
                self.state.dialog = Some(Dialog::Message { title, lines: vec![why] });
            }
        }
    }

    /// Reads an array, beside the frames, to give it to an output.
    pub(super) fn begin_feeding(&mut self, port: PortRef, path: String, part: String) {
        self.forget_feeding(&port);
        let files = self.tab().document.files.run.clone();
        let (told, array) = channel();
        let wake = waking(self.ctx);
        let stem = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if part.is_empty() { stem } else { format!("{stem}:{part}") };
        let page = self.tab().id;
        let declared = declared(&self.tab().document.checked, &port.block);
        let reading = thread::Builder::new().name("feeding".to_owned()).spawn(move || {
            // As on the command line: what holds every value is as good as what is declared.
            let read = files.open(&path, &part, &Alone).map(|tensor| {
                let wider = declared.filter(|to| *to != tensor.dtype() && to.holds_all_of(tensor.dtype()));
                wider.and_then(|to| tensor.widened(to)).unwrap_or(tensor)
            });
            // Nobody listens any more once the editor is gone.
            let _ = told.send(read);
            wake();
        });
        match reading {
            Ok(_) => self.state.feeding.push(Feeding { page, port, name, array }),
            Err(why) => self.say(format!("{port} cannot be fed: {why}")),
        }
    }

    /// Gives an output nothing from outside any more.
    pub(super) fn stop_feeding(&mut self, port: PortRef) {
        self.forget_feeding(&port);
        let registry = self.state.registry.clone();
        self.tab_mut().document.feed(port, None, &registry);
    }

    /// What is still being read for an output counts no more.
    fn forget_feeding(&mut self, port: &PortRef) {
        let page = self.tab().id;
        self.state.feeding.retain(|feeding| feeding.page != page || feeding.port != *port);
    }
}
