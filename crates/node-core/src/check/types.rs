//! Types and shapes: a block's outputs from its inputs; and the values of what is small and known.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::mute::{self, Passed};
use super::updates;
use super::variables::{self, Literal};
use super::{CheckedBlock, Feeds, Source, State, Surroundings, guarded};
use crate::access::{Alone, Described, FileUse, Files, Host};
use crate::block::Block;
use crate::cx::{InferCx, InputType, KnownType, RunCx, Setup};
use crate::dtype::DType;
use crate::page::{BlockId, BlockNode, PortRef};
use crate::problem::{Fault, Problem};
use crate::remark::Warning;
use crate::shape::Shape;
use crate::spec::Role;
use crate::tensor::{Tensor, TensorType};

/// What follows for a block from its inputs.
pub struct Inferred {
    pub state: State,
    pub literals: Vec<Option<Literal>>,
    pub bound: Vec<Option<DType>>,
    pub outputs: Vec<TensorType>,
    pub warnings: Vec<Warning>,
    pub problems: Vec<Problem>,
    pub files: Vec<FileUse>,
    /// What feeds it from outside.
    pub fed: Option<Tensor>,
    /// The tensors of the outputs, where they are known before any run.
    pub values: Option<Vec<Tensor>>,
    /// What passes through, if it is muted.
    pub passes: Option<Vec<Option<Passed>>>,
}

/// For each tensor input in order what is known of its tensors.
pub type Inputs = Vec<Vec<Option<InputType>>>;

/// Infers one block from what is known of those that it reads.
pub fn one<'b>(
    id: &BlockId,
    node: &BlockNode,
    setup: &Setup,
    checked: &CheckedBlock,
    find: impl Fn(&BlockId) -> Option<&'b CheckedBlock>,
    (around, name): (&Surroundings<'_>, Option<&str>),
) -> Inferred {
    let of_updates = updates::faults(id, setup, checked, &find);
    let (mut inputs, waits_for) = inputs(find, checked);
    let bound = variables::bind(node, setup, checked, &inputs);
    for (input, literal) in inputs.iter_mut().zip(&bound.literals) {
        if let Some(Literal { tensor, .. }) = literal {
            *input = vec![Some(InputType { ty: tensor.tensor_type(), value: Some(tensor.clone()) })];
        }
    }
    let mut inferred = Inferred {
        state: checked.state_before_types(),
        literals: bound.literals,
        bound: bound.types,
        outputs: Vec::new(),
        warnings: Vec::new(),
        problems: Vec::new(),
        files: Vec::new(),
        fed: fed(id, setup, around.feeds, name),
        values: None,
        passes: None,
    };
    let mut faults = bound.faults;
    faults.extend(of_updates);
    let is_fit = faults.is_empty();
    if !is_fit {
        inferred.state = State::Faulty;
    } else if inferred.state == State::Ready {
        match (&waits_for, &setup.ty.code) {
            (Some(source), _) => inferred.state = State::Waiting(source.clone()),
            (None, None) => inferred.state = State::Opaque,
            (None, Some(code)) => {
                let inputs = known_inputs(&inputs);
                let examined = examine(code.as_ref(), setup, &inputs, inferred.fed.as_ref(), around);
                inferred.files = examined.files;
                match examined.found {
                    Ok((outputs, ..)) if node.mute => mute::pass(&inputs, outputs, &mut inferred),
                    Ok(known) => (inferred.outputs, inferred.warnings, inferred.values) = known,
                    Err(found) => {
                        faults = found;
                        inferred.state = State::Faulty;
                    }
                }
            }
        }
    }
    let is_wired = is_fit && checked.wired() == State::Ready && waits_for.is_none();
    if is_wired && !checked.found.attributes.is_empty() {
        faults = beside_attributes(setup, &inputs, inferred.fed.as_ref(), around);
    }
    faults.extend(mute::missed(setup, checked, &inferred));
    inferred.problems = faults.into_iter().map(|fault| Problem::of(id, fault)).collect();
    inferred
}

/// The types of its outputs, what there is to know, and the tensors that are known.
type Said = (Vec<TensorType>, Vec<Warning>, Option<Vec<Tensor>>);

/// What a block says of itself.
struct Examined {
    found: Result<Said, Vec<Fault>>,
    files: Vec<FileUse>,
}

fn examine(
    code: &dyn Block,
    setup: &Setup,
    inputs: &[Vec<InputType>],
    fed: Option<&Tensor>,
    around: &Surroundings<'_>,
) -> Examined {
    let noting = Noting { files: around.files, used: Mutex::default() };
    let cx = InferCx::new(setup, inputs).with_fed(fed).with_files(&noting);
    let found = infer_block(code, setup, &cx).and_then(|outputs| {
        let warnings = guarded(|| Ok(code.warnings(&cx)))?;
        let values = values(code, setup, cx, &outputs)?;
        Ok((outputs, warnings, values))
    });
    let mut files = noting.used.into_inner().unwrap_or_else(PoisonError::into_inner);
    files.dedup();
    Examined { found, files }
}

/// Files, and a note of which a block has looked at.
struct Noting<'a> {
    files: &'a dyn Files,
    used: Mutex<Vec<FileUse>>,
}

impl Noting<'_> {
    fn note(&self, path: &str, part: &str, described: &Result<Described, String>) {
        let described = described.as_ref().ok();
        let stamp = described.map(|described| described.stamp);
        let stays = described.is_some_and(|described| described.stays);
        let used = FileUse { path: path.to_owned(), part: part.to_owned(), stamp, stays };
        self.used.lock().unwrap_or_else(PoisonError::into_inner).push(used);
    }
}

impl Files for Noting<'_> {
    fn describe(&self, path: &str, part: &str) -> Result<Described, String> {
        let described = self.files.describe(path, part);
        self.note(path, part, &described);
        described
    }

    fn open(&self, path: &str, part: &str, host: &dyn Host) -> Result<Tensor, String> {
        self.note(path, part, &self.files.describe(path, part));
        self.files.open(path, part, host)
    }

    fn parts(&self, path: &str) -> Vec<String> {
        self.files.parts(path)
    }

    fn outside(&self, path: &str) -> Option<PathBuf> {
        self.files.outside(path)
    }
}

fn known_inputs(inputs: &Inputs) -> Vec<Vec<InputType>> {
    inputs.iter().map(|port| port.iter().flatten().cloned().collect()).collect()
}

/// What is wrong with the inputs of a block whose attributes are wrong: as far as it shows with their defaults.
fn beside_attributes(setup: &Setup, inputs: &Inputs, fed: Option<&Tensor>, around: &Surroundings<'_>) -> Vec<Fault> {
    let Some(code) = setup.ty.code.as_ref().filter(|_| setup.ports.are_counted()) else { return Vec::new() };
    let mut with_defaults = setup.clone();
    for attr in setup.spec().attrs.iter().filter(|attr| setup.attrs.get(&attr.name).is_none()) {
        if let Some(Ok(default)) = attr.default.value().map(|value| attr.resolve(&value, None)) {
            with_defaults.attrs.insert(attr.name.clone(), default);
        }
    }
    let inputs = known_inputs(inputs);
    let cx = InferCx::new(&with_defaults, &inputs).with_fed(fed).with_files(around.files);
    let faults = guarded(|| code.infer(&cx)).err().unwrap_or_default();
    let is_input = |fault: &Fault| {
        fault.port.as_ref().is_some_and(|port| setup.spec().input_index(crate::name::split_item(port).0).is_some())
    };
    faults.into_iter().filter(is_input).collect()
}

/// The tensor that feeds a block from outside, if the block can be fed.
fn fed(id: &BlockId, setup: &Setup, feeds: &Feeds, name: Option<&str>) -> Option<Tensor> {
    let output = setup.ports.outputs().first()?;
    let given = || feeds.get(&PortRef::new(id, &output.name));
    match setup.spec().role {
        Role::Feed | Role::Variable => given().cloned(),
        Role::Counted => Some(updates::counted(id, name, given())),
        _ => None,
    }
}

/// Whether two feeds are the very same tensor, or none.
pub fn is_fed_alike(a: Option<&Tensor>, b: Option<&Tensor>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same_storage(b) || (a.len() <= 2 && a.same_bits(b)),
        (None, None) => true,
        _ => false,
    }
}

/// What is known of a block's wired inputs, and a block that it waits for.
fn inputs<'b>(
    find: impl Fn(&BlockId) -> Option<&'b CheckedBlock>,
    checked: &CheckedBlock,
) -> (Inputs, Option<BlockId>) {
    let mut waits_for = None;
    let mut one = |source: &Source| match source {
        Source::Literal => None,
        Source::Output { block, index } => {
            let source = find(block).filter(|b| b.state == State::Ready);
            let ty = source.filter(|b| !b.is_absent(*index)).and_then(|b| b.outputs.get(*index)).cloned();
            if ty.is_none() {
                waits_for.get_or_insert_with(|| block.clone());
            }
            let value = source.and_then(|b| b.values.as_ref()).and_then(|values| values.get(*index)).cloned();
            ty.map(|ty| InputType { ty, value })
        }
    };
    let inputs = checked.inputs.iter().map(|sources| sources.iter().map(&mut one).collect()).collect();
    (inputs, waits_for)
}

/// Infers a block's outputs, guarded, and checks that they can be.
pub fn infer_block(code: &dyn Block, setup: &Setup, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
    let outputs = guarded(|| code.infer(cx))?;
    let ports = setup.ports.outputs();
    if outputs.len() != ports.len() {
        let message =
            format!("the block infers {} outputs, but has {}; this is a bug in the block", outputs.len(), ports.len());
        return Err(vec![Fault::block(message)]);
    }
    for (port, ty) in ports.iter().zip(&outputs) {
        // An unknown dimension may be anything, so the least that the shape can be is looked at.
        let least = ty.shape.dims().map(|dims| dims.iter().map(|dim| dim.unwrap_or(1)).collect::<Vec<_>>());
        if let Some(Err(error)) = least.map(Shape::new) {
            return Err(vec![Fault::at(port.name.clone(), error.to_string())]);
        }
    }
    Ok(outputs)
}

/// The most elements of whole numbers that are computed while a page is checked.
const MOST_COMPUTED: usize = 256;

/// The tensors of a block's outputs, if they are known before any run: those of a constant, those that follow from types,
/// and small ones of whole numbers, such as shapes are, from others that are known.
fn values(
    code: &dyn Block,
    setup: &Setup,
    cx: InferCx<'_>,
    outputs: &[TensorType],
) -> Result<Option<Vec<Tensor>>, Vec<Fault>> {
    let is_small = |ty: &TensorType| {
        ty.dtype.is_whole() && ty.shape.known().is_some_and(|shape| shape.elements() <= MOST_COMPUTED)
    };
    let is_known = |input: &InputType| input.value.as_ref().is_some_and(|value| value.len() <= MOST_COMPUTED);
    let computed = || {
        let inputs = || cx.inputs().iter().flatten();
        let are_known = inputs().all(is_known) && inputs().next().is_some();
        let are_whole = || inputs().all(|input| input.ty.shape.known().is_some());
        let follows = || are_whole() && guarded(|| Ok(code.follows_from_types())).unwrap_or(false);
        let is_pure = || guarded(|| Ok(!code.is_stateful())).unwrap_or(false);
        setup.spec().role == Role::Operation && (are_known || follows()) && is_pure()
    };
    let wanted = match setup.spec().role {
        Role::Constant => true,
        _ => !outputs.is_empty() && outputs.iter().all(is_small) && computed(),
    };
    let known = outputs.iter().map(|ty| Some(KnownType { dtype: ty.dtype, shape: ty.shape.known()? }));
    let Some(outputs) = known.collect::<Option<Vec<_>>>().filter(|_| wanted) else { return Ok(None) };
    let tensors = guarded(|| code.compute(&RunCx::new(cx, &outputs, &Alone)))?;
    let agree = tensors.len() == outputs.len()
        && tensors.iter().zip(&outputs).all(|(t, o)| t.dtype() == o.dtype && *t.shape() == o.shape);
    match agree {
        true => Ok(Some(tensors)),
        false => {
            Err(vec![Fault::block("the block's result is not of the types that it infers; this is a bug in the block")])
        }
    }
}

/// Takes over what has been inferred, as far as it is different.
pub fn take_over(checked: &mut Arc<CheckedBlock>, inferred: Inferred) -> Seen {
    let now = &**checked;
    let same_literal = |a: &Option<Literal>, b: &Option<Literal>| match (a, b) {
        (Some(a), Some(b)) => a.tensor.same_storage(&b.tensor),
        (None, None) => true,
        _ => false,
    };
    let same_literals = now.literals.len() == inferred.literals.len()
        && now.literals.iter().zip(&inferred.literals).all(|(a, b)| same_literal(a, b));
    let same_values = match (&now.values, &inferred.values) {
        (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_tensor(a, b)),
        (None, None) => true,
        _ => false,
    };
    let same_passes = now.passes.as_deref() == inferred.passes.as_ref();
    let is_seen = now.outputs != inferred.outputs
        || !same_passes
        || (now.state == State::Ready) != (inferred.state == State::Ready)
        || !same_values;
    let is_same = !is_seen
        && same_literals
        && now.state == inferred.state
        && now.bound == inferred.bound
        && now.warnings == inferred.warnings
        && now.files == inferred.files
        && is_fed_alike(now.fed.as_ref(), inferred.fed.as_ref())
        && now.found.types == inferred.problems;
    if !is_same {
        let checked = Arc::make_mut(checked);
        if !same_literals {
            checked.literals = Arc::new(inferred.literals);
        }
        if !same_values {
            checked.values = inferred.values.map(Arc::new);
        }
        if !same_passes {
            checked.passes = inferred.passes.map(Arc::new);
        }
        checked.state = inferred.state;
        checked.bound = inferred.bound;
        checked.outputs = inferred.outputs;
        checked.warnings = inferred.warnings;
        checked.files = inferred.files;
        checked.fed = inferred.fed;
        checked.found.types = inferred.problems;
    }
    Seen(is_seen)
}

/// Whether those that read a block see a difference.
pub struct Seen(pub bool);

/// Whether two tensors are the same; large ones only if they are one.
fn same_tensor(a: &Tensor, b: &Tensor) -> bool {
    a.same_storage(b) || (a.len() <= MOST_COMPUTED && a.same_bits(b))
}

impl Inferred {
    /// Of a block that nothing can be inferred of.
    pub fn nothing(state: State) -> Inferred {
        Inferred {
            state,
            literals: Vec::new(),
            bound: Vec::new(),
            outputs: Vec::new(),
            warnings: Vec::new(),
            problems: Vec::new(),
            files: Vec::new(),
            fed: None,
            values: None,
            passes: None,
        }
    }
}
