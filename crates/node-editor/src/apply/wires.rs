//! Wires.

use node_core::{BlockId, Direction, Edit, PortKind, PortRef, Wire};

use super::work::Work;
use crate::fit::Fit;
use crate::state::tab::Tab;
use crate::state::view::PortEnd;

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
}

/// The wire from or to the first port of a new block that fits.
pub fn first_fit(tab: &Tab, id: &BlockId, spec: &node_core::BlockSpec, end: &PortEnd) -> Option<Edit> {
    let fit = Fit::new(&tab.document.checked, end, None);
    // Of a list of outputs the first.
    let name = |p: &node_core::PortSpec| match p.direction == Direction::Out && p.is_list() {
        true => node_core::name::of_item(&p.name, 0),
        false => p.name.to_string(),
    };
    let ports =
        spec.ports.iter().map(|p| PortEnd { port: PortRef::new(id, &name(p)), direction: p.direction, kind: p.kind });
    let wire = ports.filter(|p| p.direction != end.direction && p.kind == end.kind).find_map(|p| fit.wire(&p).ok())?;
    Some(Edit::Connect { wire })
}
