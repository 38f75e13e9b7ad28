//! What there is to look at of one output: its tensor, those that it came from, and what is told beside them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use node_core::check::Source;
use node_core::{BlockId, DType, PortRef, QuantRange, Quantization, Scalar, Tensor};
use node_engine::analysis::compare::apart;
use node_engine::analysis::numbers::Numbers;
use node_engine::analysis::order::By;
use node_engine::analysis::quantized::Around;

use crate::state::results::{Against, Shown};
use crate::state::tab::Tab;

/// An output, and the columns of its table. All columns have its shape.
#[derive(Clone)]
pub struct Subject {
    /// The output.
    pub port: PortRef,
    /// Its tensor.
    pub output: Tensor,
    /// What it comes from and what is told beside it.
    pub columns: Vec<Column>,
    /// How its block quantizes, if it does.
    pub quantization: Option<Arc<Quantization>>,
    /// What it is compared with: its name and its tensor.
    pub reference: Option<(String, Tensor)>,
    /// A number for the ranges: they come from attributes too, and are no part of any tensor.
    pub ranges_key: u64,
}

/// A column of the table.
#[derive(Clone)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// What stands in it.
    pub cells: Cells,
    /// Whether it is the input that the block quantizes.
    pub quantized: bool,
}

/// What stands in a column.
#[derive(Clone)]
pub enum Cells {
    /// The elements of a tensor.
    Elements(Tensor),
    /// The integers that stand for quantized values.
    Codes(Tensor, Arc<Quantization>),
    /// How far the first is from the second.
    Differences(Tensor, Tensor),
}

impl Column {
    /// The element number `flat`.
    pub fn element(&self, flat: usize) -> Option<Scalar> {
        match &self.cells {
            Cells::Elements(tensor) => tensor.element(flat),
            Cells::Codes(tensor, quantization) => {
                let value = *tensor.slice::<f32>()?.get(flat)?;
                range_of(quantization, flat)?.code(value).map(Scalar::Int)
            }
            Cells::Differences(a, b) => match (a.element(flat)?, b.element(flat)?) {
                (Scalar::Float32(a), Scalar::Float32(b)) => Some(Scalar::Float32(a - b)),
                (a, b) => apart(&a, &b).map(Scalar::Float64),
            },
        }
    }

    /// The data type of what stands in it.
    pub fn dtype(&self) -> DType {
        match &self.cells {
            Cells::Elements(tensor) => tensor.dtype(),
            Cells::Codes(..) => DType::Int64,
            Cells::Differences(a, b) if a.dtype() == DType::Float32 && b.dtype() == DType::Float32 => DType::Float32,
            Cells::Differences(..) => DType::Float64,
        }
    }

    /// The tensors that it is made of.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let (first, second) = match &self.cells {
            Cells::Elements(tensor) | Cells::Codes(tensor, _) => (tensor, None),
            Cells::Differences(a, b) => (a, Some(b)),
        };
        std::iter::once(first).chain(second)
    }

    /// Reads it as numbers; `None` for texts.
    pub fn reader(&self) -> Option<Reader<'_>> {
        match &self.cells {
            Cells::Elements(tensor) => Some(Reader::Elements(Numbers::of(tensor)?)),
            Cells::Codes(tensor, quantization) => Some(Reader::Codes(tensor.slice()?, quantization)),
            Cells::Differences(a, b) => match (a.slice(), b.slice()) {
                (Some(a), Some(b)) => Some(Reader::Float32(a, b)),
                _ => Some(Reader::Differences(a, b)),
            },
        }
    }
}

/// Reads a column as numbers.
pub enum Reader<'c> {
    /// Elements.
    Elements(Numbers<'c>),
    /// Integers of quantized values.
    Codes(&'c [f32], &'c Quantization),
    /// Differences, rounded to float32 as they are shown.
    Float32(&'c [f32], &'c [f32]),
    /// Differences.
    Differences(&'c Tensor, &'c Tensor),
}

impl Reader<'_> {
    /// Number `flat`; NaN where there is none.
    pub fn at(&self, flat: usize) -> f64 {
        match self {
            Reader::Elements(numbers) => numbers.at(flat),
            Reader::Codes(values, quantization) => {
                let code = values.get(flat).zip(range_of(quantization, flat)).and_then(|(v, range)| range.code(*v));
                code.map_or(f64::NAN, |code| code as f64)
            }
            Reader::Float32(a, b) => a.get(flat).zip(b.get(flat)).map_or(f64::NAN, |(a, b)| f64::from(a - b)),
            Reader::Differences(a, b) => {
                let both = a.element(flat).zip(b.element(flat));
                both.and_then(|(a, b)| apart(&a, &b)).unwrap_or(f64::NAN)
            }
        }
    }
}

impl Reader<'_> {
    /// A key by which number `flat` stands in an order; whole numbers exactly.
    pub fn key(&self, flat: usize, by: By) -> u64 {
        match self {
            Reader::Elements(numbers) => match numbers.whole_at(flat) {
                Some(whole) => by.whole(whole),
                None => by.key(numbers.at(flat)),
            },
            _ => by.key(self.at(flat)),
        }
    }
}

/// The range of element number `flat`: with several ranges, that of its channel.
pub fn range_of(quantization: &Quantization, flat: usize) -> Option<&QuantRange> {
    let ranges = &quantization.ranges;
    ranges.get(flat.checked_rem(ranges.len())?)
}

impl Subject {
    /// That of an output, if its tensor is at hand.
    pub fn of(tab: &Tab, port: &PortRef, shown: &Shown) -> Option<Subject> {
        let result = tab.result(&port.block)?;
        let checked = tab.document.checked.blocks.get(&port.block)?;
        let output = result.tensor(checked.output_index(&port.port)?)?.clone();
        let quantization = result.quantization.clone();
        let reference = shown.against.as_ref().and_then(|against| match against {
            Against::Kept => Some(("kept".to_owned(), tab.view.results.kept(port)?.clone())),
            Against::Port(other) => Some((other.to_string(), tensor_of(tab, other)?.clone())),
        });
        let ranges_key = ranges_key(quantization.as_deref());
        let (port, columns) = (port.clone(), Vec::new());
        let mut subject = Subject { port, output, columns, quantization, reference, ranges_key };
        subject.columns = subject.columns(tab);
        Some(subject)
    }

    /// The inputs, the output, and at a quantizer between and behind them the integers and the errors; what it is
    /// compared with, and the difference.
    fn columns(&self, tab: &Tab) -> Vec<Column> {
        let plain = |title: &str, tensor: &Tensor| Column {
            title: title.to_owned(),
            cells: Cells::Elements(tensor.clone()),
            quantized: false,
        };
        let quantization = self.quantization.as_ref();
        let mut columns = Vec::new();
        for (name, tensor) in inputs(tab, &self.port.block) {
            if tensor.shape() == self.output.shape() {
                let quantized = quantization.is_some_and(|q| &*q.input == name);
                columns.push(Column { quantized, ..plain(name, tensor) });
            }
        }
        let read = columns.iter().find(|column| column.quantized).and_then(|column| column.tensors().next()).cloned();
        let forward = quantization.filter(|q| q.output.as_deref() == Some(&*self.port.port)).zip(read);
        if let Some((quantization, _)) = forward {
            let cells = Cells::Codes(self.output.clone(), quantization.clone());
            columns.push(Column { title: "q".to_owned(), cells, quantized: false });
        }
        columns.push(plain(&self.port.port, &self.output));
        if let Some((_, read)) = &forward {
            let cells = Cells::Differences(self.output.clone(), read.clone());
            columns.push(Column { title: "error".to_owned(), cells, quantized: false });
        }
        if let Some((name, reference)) = self.reference.as_ref().filter(|(_, r)| r.shape() == self.output.shape()) {
            columns.push(plain(name, reference));
            let is_number = |tensor: &Tensor| tensor.dtype() != DType::String;
            if is_number(reference) && is_number(&self.output) {
                let cells = Cells::Differences(self.output.clone(), reference.clone());
                columns.push(Column { title: "difference".to_owned(), cells, quantized: false });
            }
        }
        columns
    }

    /// The column called so, if it is there.
    pub fn column(&self, title: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.title == title)
    }

    /// The column of the output itself.
    pub fn own(&self) -> Option<&Column> {
        self.column(&self.port.port)
    }

    /// The tensor at an input of the block, if it has the output's shape.
    fn beside(&self, name: &str) -> Option<&Tensor> {
        self.column(name)?.tensors().next()
    }

    /// What the block quantizes.
    pub fn quantized(&self) -> Option<&Tensor> {
        self.columns.iter().find(|column| column.quantized)?.tensors().next()
    }

    /// The tensors of a quantizer, as this output shows them.
    pub fn around(&self) -> Option<Around<'_>> {
        let quantization = self.quantization.as_ref()?;
        let is_output = quantization.output.as_deref() == Some(&*self.port.port);
        Some(Around {
            input: self.quantized()?,
            output: is_output.then_some(&self.output),
            gradients: quantization.gradients.as_ref().and_then(|name| self.beside(name)),
        })
    }
}

fn ranges_key(quantization: Option<&Quantization>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for range in quantization.iter().flat_map(|quantization| &quantization.ranges) {
        [range.min, range.max, range.nudged_min, range.nudged_max, range.scale].map(f32::to_bits).hash(&mut hasher);
        range.zero_point.hash(&mut hasher);
    }
    hasher.finish()
}

/// What another output gives, if it is at hand.
fn tensor_of<'t>(tab: &'t Tab, port: &PortRef) -> Option<&'t Tensor> {
    let index = tab.document.checked.blocks.get(&port.block)?.output_index(&port.port)?;
    tab.result(&port.block)?.tensor(index)
}

/// The tensors at the block's inputs, as far as they are at hand.
pub fn inputs<'t>(tab: &'t Tab, id: &BlockId) -> Vec<(&'t str, &'t Tensor)> {
    let Some(block) = tab.document.checked.blocks.get(id) else { return Vec::new() };
    let Some(spec) = block.spec() else { return Vec::new() };
    let tensor = |nth: usize, source: &'t Source| match source {
        Source::Literal => Some(&block.literals.get(nth)?.as_ref()?.tensor),
        Source::Output { block, index } => tab.result(block)?.tensor(*index),
    };
    let ports = spec.inputs().zip(block.inputs.iter()).enumerate().filter(|(_, (port, _))| !port.is_list());
    ports.filter_map(|(nth, (port, sources))| Some((&*port.name, tensor(nth, sources.first()?)?))).collect()
}
