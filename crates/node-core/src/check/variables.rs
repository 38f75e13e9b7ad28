//! Type variables of a block: what binds them, and what follows for its literals.
//!
//! An attribute of a variable's name binds it, else what is wired, else a literal that has a type of its own. A literal
//! takes the type of its port or of its variable; where nothing binds that, its default, else float32.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::types::Inputs;
use super::wiring::literal_of;
use super::{CheckedBlock, Source};
use crate::cx::{InputType, Setup};
use crate::dtype::DType;
use crate::literal;
use crate::name::{Name, of_item};
use crate::page::BlockNode;
use crate::port::{Count, PortSpec};
use crate::problem::Fault;
use crate::tensor::Tensor;
use crate::type_rule::{TypeRule, TypeVar};
use crate::value::Value;

/// A literal that counts.
#[derive(Clone, Debug)]
pub struct Literal {
    /// As it is written.
    value: Value,
    /// What it stands for.
    pub tensor: Tensor,
}

/// What binding has come to.
pub struct Bound {
    /// For each tensor input its literal, if that counts.
    pub literals: Vec<Option<Literal>>,
    /// For each tensor input the type that other inputs and attributes give it.
    pub types: Vec<Option<DType>>,
    /// What does not fit.
    pub faults: Vec<Fault>,
}

/// Binds the type variables of a block, and makes tensors of its literals.
pub fn bind(node: &BlockNode, setup: &Setup, checked: &CheckedBlock, inputs: &Inputs) -> Bound {
    let mut binding = Binding { bound: BTreeMap::new(), faults: Vec::new() };
    binding.by_attributes(setup);
    binding.by_wires(setup, checked, inputs);
    let counts = |nth: usize| checked.inputs.get(nth).is_some_and(|sources| sources.contains(&Source::Literal));
    let written = |(nth, port): (usize, &Arc<PortSpec>)| counts(nth).then(|| literal_of(node, port)).flatten();
    let written: Vec<Option<&Value>> = setup.spec().inputs().enumerate().map(written).collect();
    let types = binding.for_typing(setup, &written);
    binding.by_literals(setup, &written);
    let mut literals = Vec::with_capacity(written.len());
    for (nth, (port, value)) in setup.spec().inputs().zip(&written).enumerate() {
        let before = checked.literals.get(nth).and_then(Option::as_ref);
        literals.push(value.and_then(|value| binding.literal(port, value, before)));
    }
    // Wires that lead nowhere are told as such.
    if checked.found.wiring.is_empty() {
        binding.hold_against(node, setup, inputs);
    }
    Bound { literals, types, faults: binding.faults }
}

struct Binding {
    /// What each variable is, and who says so.
    bound: BTreeMap<Name, (DType, Name)>,
    faults: Vec<Fault>,
}

impl Binding {
    fn by_attributes(&mut self, setup: &Setup) {
        let variables = setup.spec().inputs().filter_map(|port| port.types.variable());
        for variable in variables {
            if let Some(dtype) = setup.attrs.dtype(&variable.name) {
                self.bound.insert(variable.name.clone(), (dtype, variable.name.clone()));
            }
        }
    }

    fn by_wires(&mut self, setup: &Setup, checked: &CheckedBlock, inputs: &Inputs) {
        for ((port, sources), types) in setup.spec().inputs().zip(checked.inputs.iter()).zip(inputs) {
            for (item, (source, ty)) in sources.iter().zip(types).enumerate() {
                if let (Source::Output { block, .. }, Some(input)) = (source, ty) {
                    let at = if port.is_list() { of_item(&port.name, item).into() } else { port.name.clone() };
                    self.take(port, at, &format!("'{block}'"), input.ty.dtype);
                }
            }
        }
    }

    /// A tensor of this type comes to a port.
    fn take(&mut self, port: &PortSpec, at: Name, who: &str, dtype: DType) {
        if !port.types.allows(dtype) {
            self.faults.push(Fault::at(at, format!("takes {}, but {who} is {dtype}", port.types.names())));
            return;
        }
        let TypeRule::Var(variable) = &port.types else { return };
        match self.bound.get(&variable.name) {
            Some((bound, first)) if *bound != dtype => {
                let message = format!("{who} is {dtype}, but {first} is {bound}; both must have one data type");
                self.faults.push(Fault::at(at, message));
            }
            Some(_) => {}
            None => {
                self.bound.insert(variable.name.clone(), (dtype, at));
            }
        }
    }

    fn of(&self, variable: &TypeVar) -> Option<DType> {
        self.bound.get(&variable.name).map(|(dtype, _)| *dtype)
    }

    /// For each input what its literal would be made to by all but itself.
    fn for_typing(&self, setup: &Setup, written: &[Option<&Value>]) -> Vec<Option<DType>> {
        let others = |nth: usize, variable: &TypeVar| {
            let other = setup.spec().inputs().zip(written).enumerate().filter(|(other, _)| *other != nth);
            let mut same =
                other.filter(|(_, (port, _))| port.types.variable().is_some_and(|v| v.name == variable.name));
            same.find_map(|(_, (_, value))| literal::own_dtype((*value)?))
        };
        let one = |(nth, port): (usize, &Arc<PortSpec>)| match &port.types {
            TypeRule::Fixed(dtype) => Some(*dtype),
            TypeRule::Var(variable) => self.of(variable).or_else(|| others(nth, variable)).or(variable.default),
            TypeRule::Each(variable) => variable.default,
        };
        setup.spec().inputs().enumerate().map(one).collect()
    }

    /// Literals with a type of their own bind what is still open.
    fn by_literals(&mut self, setup: &Setup, written: &[Option<&Value>]) {
        for (port, value) in setup.spec().inputs().zip(written) {
            let TypeRule::Var(variable) = &port.types else { continue };
            if let (None, Some(own)) = (self.of(variable), value.and_then(literal::own_dtype))
                && variable.allowed.contains(&own)
            {
                self.bound.insert(variable.name.clone(), (own, port.name.clone()));
            }
        }
    }

    /// The tensor of a literal; that of `before` if it is the same.
    fn literal(&mut self, port: &PortSpec, value: &Value, before: Option<&Literal>) -> Option<Literal> {
        let natural = |variable: &TypeVar| match literal::own_dtype(value) {
            Some(own) => Some(own),
            // Texts, even those that stand for numbers, are texts where texts can be.
            None if variable.allowed.contains(&DType::String) => None,
            None => Some(variable.of_numbers()),
        };
        let dtype = match &port.types {
            TypeRule::Fixed(dtype) => Some(*dtype),
            TypeRule::Var(variable) => self.of(variable).or_else(|| natural(variable)),
            TypeRule::Each(variable) => natural(variable),
        };
        let same = |before: &&Literal| dtype == Some(before.tensor.dtype()) && before.value == *value;
        let tensor = match before.filter(same) {
            Some(before) => Ok(before.tensor.clone()),
            None => literal::tensor(value, dtype),
        };
        match tensor {
            Ok(tensor) => {
                let faults = self.faults.len();
                self.take(port, port.name.clone(), "its literal", tensor.dtype());
                (self.faults.len() == faults).then(|| Literal { value: value.clone(), tensor })
            }
            Err(message) => {
                self.faults.push(Fault::at(port.name.clone(), message));
                None
            }
        }
    }

    /// Attributes that only restate what is wired must agree with it.
    fn hold_against(&mut self, node: &BlockNode, setup: &Setup, inputs: &Inputs) {
        let spec = setup.spec();
        for (name, written) in node.attrs.iter().filter(|(name, _)| spec.restates(name)) {
            for (port, tensors) in spec.inputs().zip(inputs) {
                let is_counted = matches!(&port.count, Count::Wires { attr: Some(attr) } if attr == name);
                let said = match port.types.variable() {
                    _ if is_counted => says_count(&written.value, tensors.len()),
                    Some(variable) if variable.name == name && matches!(port.types, TypeRule::Var(_)) => {
                        says_type(&written.value, self.of(variable))
                    }
                    Some(variable) if variable.name == name && port.is_list() => says_types(&written.value, tensors),
                    _ => continue,
                };
                if let Err(message) = said {
                    let message = format!("{name} {message}; it only restates what is wired: remove it");
                    self.faults.push(Fault::attrs(message));
                    break;
                }
            }
        }
    }
}

fn says_count(value: &Value, wires: usize) -> Result<(), String> {
    match literal::integer(value, DType::Int64) {
        Ok(count) if usize::try_from(count) == Ok(wires) => Ok(()),
        _ => Err(format!("is {}, but {} wired", value.excerpt(), are(wires))),
    }
}

fn are(number: usize) -> String {
    format!("{number} {}", if number == 1 { "is" } else { "are" })
}

fn named_type(value: &Value) -> Result<DType, String> {
    let named = match value {
        Value::String(name) => DType::from_name(name),
        _ => None,
    };
    named.ok_or_else(|| format!("is {}, which is no data type", value.excerpt()))
}

fn says_type(value: &Value, bound: Option<DType>) -> Result<(), String> {
    let said = named_type(value)?;
    match bound {
        Some(bound) if bound != said => Err(format!("is {said}, but what is wired is {bound}")),
        _ => Ok(()),
    }
}

fn says_types(value: &Value, tensors: &[Option<InputType>]) -> Result<(), String> {
    let Value::List(items) = value else { return Err(format!("is {}, but must be a list", value.excerpt())) };
    if items.len() != tensors.len() {
        let types = if items.len() == 1 { "type" } else { "types" };
        let message = format!("names {} {types}, but {} wired", items.len(), are(tensors.len()));
        return Err(message);
    }
    let mut pairs = items.iter().zip(tensors);
    pairs.try_for_each(|(item, tensor)| says_type(item, tensor.as_ref().map(|input| input.ty.dtype)))
}
