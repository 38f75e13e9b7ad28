//! State: what changes variables at the end of a step, and what counts steps.

use super::{CheckedBlock, Source};
use crate::cx::Setup;
use crate::page::BlockId;
use crate::problem::Fault;
use crate::spec::{BlockSpec, Role};
use crate::tensor::Tensor;

/// Whether a tensor input of a block of this type takes the variable that it updates.
pub fn takes_variable(spec: &BlockSpec, input: usize) -> bool {
    spec.role == Role::Update && input < spec.outputs().count()
}

/// What is wrong with what a block updates: each must be a variable, and nothing else may update it.
pub fn faults<'b>(
    id: &BlockId,
    setup: &Setup,
    checked: &CheckedBlock,
    find: &impl Fn(&BlockId) -> Option<&'b CheckedBlock>,
) -> Vec<Fault> {
    let spec = setup.spec();
    if spec.role != Role::Update {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let mut own: Vec<&BlockId> = Vec::new();
    for (port, sources) in spec.inputs().zip(checked.inputs.iter()).take(spec.outputs().count()) {
        let fault = match sources.first() {
            Some(Source::Output { block, .. }) => match find(block).filter(|b| b.role() == Some(Role::Variable)) {
                None => Some(format!("{block} is no Variable: what is updated must come from one directly")),
                Some(_) if own.contains(&block) => Some(format!("updates {block}, which another input does too")),
                Some(variable) => {
                    own.push(block);
                    rival(id, variable, find).map(|rival| {
                        format!("updates {block}, which {rival} updates too: a step has one update of a Variable; remove one of them")
                    })
                }
            },
            Some(Source::Literal) => Some("is a literal: what is updated must come from a Variable".to_owned()),
            // That nothing is wired is told anyway.
            None => None,
        };
        faults.extend(fault.map(|fault| Fault::at(port.name.clone(), fault)));
    }
    faults
}

/// Another block that updates the variable, if there is one.
fn rival<'b>(
    id: &BlockId,
    variable: &CheckedBlock,
    find: &impl Fn(&BlockId) -> Option<&'b CheckedBlock>,
) -> Option<BlockId> {
    let updates = |wire: &&crate::page::Wire| {
        let other = (wire.to.block != *id).then(|| find(&wire.to.block)).flatten();
        let spec = other.and_then(CheckedBlock::spec);
        spec.is_some_and(|spec| spec.input_index(&wire.to.port).is_some_and(|input| takes_variable(spec, input)))
    };
    variable.links.outgoing.iter().find(updates).map(|wire| wire.to.block.clone())
}

/// What a block is fed whose result follows from the number of the step and from its name: both, as `int64`. The second
/// is FNV-1a of the page's name, where it has one, a slash, and the block's id.
pub fn counted(id: &BlockId, page: Option<&str>, step: Option<&Tensor>) -> Tensor {
    let step = step.and_then(|step| step.element(0)?.as_f64()).unwrap_or(0.0) as i64;
    let name = page.into_iter().flat_map(|page| page.bytes().chain([b'/'])).chain(id.as_str().bytes());
    let hash =
        name.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    Tensor::vector(vec![step, hash as i64])
}
