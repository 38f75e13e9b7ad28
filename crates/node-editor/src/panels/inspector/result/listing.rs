//! The rows of a table: a part of the tensor, of it what is looked for, in an order.

use std::sync::Arc;

use node_core::Tensor;
use node_engine::Studies;
use node_engine::analysis::Side;
use node_engine::analysis::Stop;
use node_engine::analysis::order::{By, MOST, order};
use node_engine::analysis::selection::Selection;
use node_engine::analysis::slicing::{NoSlice, Slice};
use node_engine::studies::{Key, Reply};

use super::subject::{Cells, Column, Subject, range_of};
use crate::state::results::{Find, Shown};

/// The rows of a table.
pub struct Listing {
    /// The part of the tensor.
    slice: Slice,
    /// Why what is typed is no part of it.
    pub wrong: Option<NoSlice>,
    /// What is looked for, once it is found.
    pub found: Option<Arc<Selection>>,
    /// Which rows there are, by their numbers in the part.
    rows: Rows,
    /// Whether all others are left out.
    is_filtered: bool,
    /// Whether something is still being worked out.
    pub is_soon: bool,
}

enum Rows {
    All,
    Found(Arc<Selection>),
    Ordered(Arc<Vec<usize>>),
}

impl Listing {
    /// The rows as they are asked for.
    pub fn of(subject: &Subject, shown: &Shown, studies: &mut Studies) -> Listing {
        let dims = subject.output.shape().dims();
        let (slice, wrong) = match Slice::parse(&shown.slice, dims) {
            Ok(slice) => (slice, None),
            Err(why) => (Slice::whole(dims), Some(why)),
        };
        let mut is_soon = false;
        let mut known = |told: Reply<_>| {
            is_soon |= matches!(told, Reply::Soon);
            told.answer()
        };
        let found = shown.find.and_then(|find| known(find_in(subject, &slice, find, studies)));
        let filter = found.clone().filter(|_| shown.only);
        let mut rows = filter.clone().map_or(Rows::All, Rows::Found);
        if shown.only && shown.find.is_some() && found.is_none() {
            rows = Rows::Found(Arc::default());
        }
        let is_waiting = shown.only && shown.find.is_some() && found.is_none();
        let is_filtered = filter.is_some();
        if let Some((title, by)) = &shown.order
            && let Some(column) = subject.column(title).filter(|_| !is_waiting)
        {
            let filter = filter.map(|selection| (shown.find, selection));
            let told = put_in_order(subject, column, *by, &slice, filter, studies);
            is_soon |= matches!(told, Reply::Soon);
            rows = told.answer().map_or(rows, Rows::Ordered);
        }
        Listing { slice, wrong, found, rows, is_filtered, is_soon }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match &self.rows {
            Rows::All => self.slice.len(),
            Rows::Found(selection) => selection.count(),
            Rows::Ordered(order) => order.len(),
        }
    }

    /// Whether all elements of the tensor are there, each in its place.
    pub fn is_whole(&self, dims: &[usize]) -> bool {
        matches!(self.rows, Rows::All) && self.slice.is_whole(dims)
    }

    /// The dimensions of what is listed, where it is a part of the tensor with nothing left out.
    pub fn dims(&self) -> Option<&[usize]> {
        matches!(self.rows, Rows::All).then(|| self.slice.dims())
    }

    /// Whether the first of more rows are shown alone.
    pub fn is_cut(&self) -> bool {
        matches!(&self.rows, Rows::Ordered(order) if order.len() == MOST)
    }

    /// The element of the tensor that a row shows.
    pub fn flat(&self, row: usize) -> usize {
        self.slice.flat(self.number(row))
    }

    fn number(&self, row: usize) -> usize {
        match &self.rows {
            Rows::All => row,
            Rows::Found(selection) => selection.nth(row).unwrap_or(0),
            Rows::Ordered(order) => order.get(row).copied().unwrap_or(0),
        }
    }

    /// The row that shows an element of the tensor.
    pub fn row_of(&self, flat: usize) -> Option<usize> {
        let number = self.slice.number(flat)?;
        match &self.rows {
            Rows::All => Some(number),
            Rows::Found(selection) => Some(selection.rank(number)).filter(|row| selection.nth(*row) == Some(number)),
            Rows::Ordered(order) => order.iter().position(|listed| *listed == number),
        }
    }

    /// The next row, or the one before, that shows something that is looked for.
    pub fn found_from(&self, row: usize, back: bool) -> Option<usize> {
        let selection = self.found.as_ref()?;
        match &self.rows {
            Rows::Found(_) | Rows::Ordered(_) if self.is_filtered => {
                let next = if back { row.checked_sub(1)? } else { row + 1 };
                Some(next).filter(|next| *next < self.len())
            }
            Rows::Found(_) => None,
            Rows::Ordered(order) => {
                let is_found = |row: &usize| {
                    order.get(*row).is_some_and(|number| selection.nth(selection.rank(*number)) == Some(*number))
                };
                if back { (0..row).rev().find(is_found) } else { (row + 1..order.len()).find(is_found) }
            }
            Rows::All if back => selection.nth(selection.rank(row).checked_sub(1)?),
            Rows::All => selection.nth(selection.rank(row + 1)),
        }
    }
}

/// Which elements of a part are what is looked for.
fn find_in(subject: &Subject, slice: &Slice, find: Find, studies: &mut Studies) -> Reply<Arc<Selection>> {
    let compared = subject.reference.as_ref().map(|(name, _)| name.as_str());
    let question = format!("find {find:?} {slice} {} {compared:?}", subject.ranges_key);
    let tensors: Vec<&Tensor> = subject.columns.iter().flat_map(Column::tensors).collect();
    let key = Key::new(question, tensors);
    studies.ask(key, slice.len(), || {
        let (columns, quantization, slice) = (subject.columns.clone(), subject.quantization.clone(), slice.clone());
        let output = subject.output.clone();
        let quantized = subject.quantized().cloned();
        let other = subject.reference.as_ref().map(|(_, tensor)| tensor.clone());
        let other = other.filter(|other| other.shape() == output.shape());
        let other = other.or_else(|| quantized.clone()).or_else(|| first_input(subject));
        move |stop: &Stop| {
            let elements = columns.iter().filter(|column| matches!(column.cells, Cells::Elements(_)));
            let readers: Vec<_> = elements.filter_map(Column::reader).collect();
            let own = Column { title: String::new(), cells: Cells::Elements(output.clone()), quantized: false };
            let own = own.reader();
            let read = quantized.as_ref().and_then(|tensor| tensor.slice::<f32>());
            let side = |flat: usize| {
                let range = range_of(quantization.as_deref()?, flat)?;
                Some(Side::of(*read?.get(flat)?, range))
            };
            let is_wanted = |flat: usize| match find {
                Find::Below => side(flat) == Some(Side::Below),
                Find::Above => side(flat) == Some(Side::Above),
                Find::Clipped => matches!(side(flat), Some(Side::Below | Side::Above)),
                Find::Nan => readers.iter().any(|reader| reader.at(flat).is_nan()),
                Find::Infinite => readers.iter().any(|reader| reader.at(flat).is_infinite()),
                Find::Zero => own.as_ref().is_some_and(|own| own.at(flat) == 0.0),
                Find::Unequal => other.as_ref().is_some_and(|other| output.element(flat) != other.element(flat)),
            };
            Selection::of(slice.len(), stop, |number| is_wanted(slice.flat(number)))
        }
    })
}

/// The first input that the output came from, element by element.
fn first_input(subject: &Subject) -> Option<Tensor> {
    let first = subject.columns.first().filter(|column| column.title != *subject.port.port)?;
    first.tensors().next().cloned()
}

/// The numbers of a part's elements in the order of a column.
fn put_in_order(
    subject: &Subject,
    column: &Column,
    by: By,
    slice: &Slice,
    filter: Option<(Option<Find>, Arc<Selection>)>,
    studies: &mut Studies,
) -> Reply<Arc<Vec<usize>>> {
    let find = filter.as_ref().and_then(|(find, _)| *find);
    let question = format!("order {} {by:?} {slice} {find:?} {}", column.title, subject.ranges_key);
    let tensors: Vec<&Tensor> = subject.columns.iter().flat_map(Column::tensors).collect();
    let elements = filter.as_ref().map_or(slice.len(), |(_, selection)| selection.count());
    studies.ask(Key::new(question, tensors), elements, || {
        let (column, slice) = (column.clone(), slice.clone());
        move |stop: &Stop| {
            let reader = column.reader()?;
            let Some((_, selection)) = filter else {
                return order(slice.len(), stop, |number| reader.key(slice.flat(number), by));
            };
            // Some are looked for: their values stand in order, and with them their places.
            let place = |nth: usize| selection.nth(nth).unwrap_or(0);
            let places = order(selection.count(), stop, |nth| reader.key(slice.flat(place(nth)), by))?;
            Some(places.into_iter().map(place).collect())
        }
    })
}
