//! Wires.

use node_core::{Direction, Edit, PortKind, Wire};

use super::work::Work;
use crate::state::view::PortEnd;
use crate::wiring::at::{is_list, place_at, wires_at};

impl Work<'_> {
    pub(super) fn connect(&mut self, wire: Wire, instead_of: Option<Wire>, row: Option<Wire>) {
        let tab = self.tab();
        let takes_many = tab.document.checked.blocks.get(&wire.to.block).and_then(|b| b.spec()).is_none_or(|spec| {
            let port = spec.port(Direction::In, &wire.to.port);
            port.is_none_or(|p| p.is_list() || p.kind == PortKind::Attrs)
        });
        let mut edits: Vec<Edit> = instead_of.iter().cloned().map(Edit::Disconnect).collect();
        let in_the_way = tab.document.page.wires.iter().filter(|w| w.to == wire.to && Some(*w) != instead_of.as_ref());
        if !takes_many {
            edits.extend(in_the_way.cloned().map(Edit::Disconnect));
        } else if in_the_way.clone().any(|w| *w == wire) && wire.to.port.as_ref() == node_core::port::ATTRS_PORT {
            self.say(format!("{} feeds {} already.", wire.from, wire.to));
            return;
        }
        let label = format!("connect {wire}");
        let place = |wire: &Wire| tab.document.page.wires.iter().position(|w| w == wire);
        match row.as_ref().and_then(|row| Some((row, place(row)?))) {
            Some((row, at)) if Some(row) == instead_of.as_ref() => edits.push(Edit::PutBack { wire, at }),
            Some((row, at)) => {
                // What was taken off before it moves it up.
                let at = at - usize::from(instead_of.as_ref().and_then(place).is_some_and(|taken| taken < at));
                edits.extend([Edit::TakeOff { wire: row.clone(), at }, Edit::PutBack { wire, at }]);
            }
            None => edits.push(Edit::Connect { wire }),
        }
        self.edit(&label, Edit::Batch(edits));
    }
    /// Removes wires.
    pub(super) fn take_off(&mut self, label: &str, wires: Vec<Wire>) {
        if !wires.is_empty() {
            self.edit(label, Edit::Batch(wires.into_iter().map(Edit::Disconnect).collect()));
        }
    }

    /// Removes all wires at a port; in a list of inputs those of its row.
    pub(super) fn unplug(&mut self, end: &PortEnd) {
        let checked = &self.tab().document.checked;
        if is_list(checked, end) {
            if let Some((wire, at)) = place_at(checked, end) {
                self.edit(&format!("disconnect {}", end.port), Edit::TakeOff { wire, at });
            }
            return;
        }
        let wires = wires_at(checked, end);
        self.take_off(&format!("disconnect {}", end.port), wires);
    }
}
