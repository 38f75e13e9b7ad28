//! How results are looked at in inspectors: in which view, and which part of them.

mod inquiry;

use std::collections::BTreeMap;

use node_core::{BlockId, PortRef, Tensor};
use node_engine::analysis::order::By;
use node_engine::analysis::plane::Plane;

pub use inquiry::Inquiry;

/// The ways of looking at a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Element by element, beside the inputs.
    #[default]
    Table,
    /// The elements of a plane, in rows and columns.
    Grid,
    /// The elements of a plane in colours.
    Picture,
    /// How the elements are distributed, and what a quantizer does to them.
    Distribution,
    /// The output over the input.
    Curve,
    /// Beside another port, or an earlier run.
    Compare,
}

impl View {
    /// All of them, in the order of their tabs.
    pub const ALL: [View; 6] = [View::Table, View::Grid, View::Picture, View::Distribution, View::Curve, View::Compare];

    /// What its tab says.
    pub fn name(self) -> &'static str {
        match self {
            View::Table => "Table",
            View::Grid => "Grid",
            View::Picture => "Picture",
            View::Distribution => "Distribution",
            View::Curve => "Curve",
            View::Compare => "Compare",
        }
    }
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The shortest text that stands for exactly the same value.
    #[default]
    Shortest,
    /// So many digits behind the point.
    Fixed(u8),
    /// One digit before the point, so many behind it, and an exponent.
    Scientific(u8),
    /// The bits, as a hexadecimal number.
    Bits,
}

impl Format {
    /// Those that are offered.
    pub const ALL: [Format; 5] =
        [Format::Shortest, Format::Fixed(3), Format::Fixed(6), Format::Scientific(6), Format::Bits];

    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Format::Shortest => "Shortest exact".to_owned(),
            Format::Fixed(digits) => format!("Fixed, {digits} digits"),
            Format::Scientific(_) => "Scientific".to_owned(),
            Format::Bits => "Bits (hexadecimal)".to_owned(),
        }
    }
}

/// What is looked for in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Find {
    /// Elements below the range.
    Below,
    /// Elements above the range.
    Above,
    /// Elements below or above the range.
    Clipped,
    /// NaN in any column.
    Nan,
    /// Infinities in any column.
    Infinite,
    /// Where the output is zero.
    Zero,
    /// Where the output differs from what it is compared with, or came from.
    Unequal,
}

impl Find {
    /// All of them, in the order of their list.
    pub const ALL: [Find; 7] =
        [Find::Clipped, Find::Below, Find::Above, Find::Nan, Find::Infinite, Find::Zero, Find::Unequal];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Find::Below => "below",
            Find::Above => "above",
            Find::Clipped => "clipped",
            Find::Nan => "NaN",
            Find::Infinite => "infinite",
            Find::Zero => "zero",
            Find::Unequal => "unequal",
        }
    }
}

/// Where the colours of a picture end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ends {
    /// At the largest magnitude of the tensor.
    #[default]
    Tensor,
    /// At the largest magnitude of the plane.
    Plane,
    /// At what 99 % of the tensor's elements lie within.
    Most,
}

impl Ends {
    /// All of them.
    pub const ALL: [Ends; 3] = [Ends::Tensor, Ends::Plane, Ends::Most];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Ends::Tensor => "to the largest",
            Ends::Plane => "of this plane",
            Ends::Most => "of 99 %",
        }
    }
}

/// What a result is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// What another output gives.
    Port(PortRef),
    /// What the same output gave in the run that was kept.
    Kept,
}

/// What is looked at of one result in one inspector.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The part of the tensor, as it was typed.
    pub slice: String,
    /// The column by which rows are put in order, and how.
    pub order: Option<(String, By)>,
    /// The element to go to, once.
    pub to: Option<usize>,
    /// What is looked for.
    pub find: Option<Find>,
    /// Whether all other rows are left out.
    pub only: bool,
    /// How numbers are written.
    pub format: Format,
    /// The plane that grid and picture show.
    pub plane: Option<Plane>,
    /// Where the colours of the picture end.
    pub ends: Ends,
    /// The column that picture, grid and distribution show; the one that says most by itself.
    pub column: Option<String>,
    /// Whether counts are drawn by their logarithm.
    pub log: bool,
    /// The channel whose curve and range are shown.
    pub channel: usize,
    /// Whether the distribution is that of the channel alone.
    pub one_channel: bool,
    /// What it is compared with.
    pub against: Option<Against>,
    /// Whether the points of one over the other are joined, in the order of the elements.
    pub joined: bool,
}

/// How the results of a page are looked at.
#[derive(Clone, Debug, Default)]
pub struct Results {
    views: BTreeMap<u32, View>,
    shown: BTreeMap<(u32, PortRef), Shown>,
    kept: BTreeMap<PortRef, Tensor>,
    /// The cell that is edited: the inspector, the constant, and the number of the element.
    pub open: Option<(u32, BlockId, usize)>,
    /// The element of which it is asked why it has its value.
    pub inquiry: Option<Inquiry>,
}

impl Results {
    /// The view that an inspector shows.
    pub fn view(&self, inspector: u32) -> View {
        self.views.get(&inspector).copied().unwrap_or_default()
    }

    /// An inspector shows another view.
    pub(crate) fn look(&mut self, inspector: u32, view: View) {
        self.views.insert(inspector, view);
    }

    /// What is looked at of a result in an inspector.
    pub fn shown(&self, inspector: u32, port: &PortRef) -> Shown {
        self.shown.get(&(inspector, port.clone())).cloned().unwrap_or_default()
    }

    /// Something else is looked at.
    pub(crate) fn show(&mut self, inspector: u32, port: PortRef, shown: Shown) {
        self.shown.insert((inspector, port), shown);
    }

    /// What an output gave in the run that was kept.
    pub fn kept(&self, port: &PortRef) -> Option<&Tensor> {
        self.kept.get(port)
    }

    /// Keeps what an output gives now, or keeps nothing of it any more.
    pub(crate) fn keep(&mut self, port: PortRef, tensor: Option<Tensor>) {
        match tensor {
            Some(tensor) => self.kept.insert(port, tensor),
            None => self.kept.remove(&port),
        };
    }

    /// The blocks that the results of a block are compared with, in whatever inspector.
    pub fn compared_with(&self, block: &BlockId) -> impl Iterator<Item = &BlockId> {
        let own = self.shown.iter().filter(move |((_, port), _)| port.block == *block);
        own.filter_map(|(_, shown)| match &shown.against {
            Some(Against::Port(port)) => Some(&port.block),
            Some(Against::Kept) | None => None,
        })
    }

    /// What is looked at, and what was kept, goes with a block that has another id. Of one that is gone it stays: undo may
    /// bring it back.
    pub(crate) fn follow(&mut self, gone: &[(BlockId, Option<BlockId>)]) {
        for (from, to) in gone.iter().filter_map(|(from, to)| Some((from, to.as_ref()?))) {
            let renamed =
                |port: &PortRef| if port.block == *from { PortRef::new(to, &port.port) } else { port.clone() };
            let shown = std::mem::take(&mut self.shown);
            self.shown = shown.into_iter().map(|((number, port), shown)| ((number, renamed(&port)), shown)).collect();
            let kept = std::mem::take(&mut self.kept);
            self.kept = kept.into_iter().map(|(port, tensor)| (renamed(&port), tensor)).collect();
            for shown in self.shown.values_mut() {
                if let Some(Against::Port(port)) = &mut shown.against {
                    *port = renamed(port);
                }
            }
            if let Some(inquiry) = &mut self.inquiry {
                inquiry.port = renamed(&inquiry.port);
            }
        }
    }

    /// Closes the cell of a block that is not there any more.
    pub(crate) fn retain(&mut self, block: impl Fn(&BlockId) -> bool) {
        self.open = self.open.take().filter(|(_, id, _)| block(id));
    }
}
