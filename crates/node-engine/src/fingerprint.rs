//! What produced a tensor, as a number: the same type, attributes and inputs give the same results.

use std::hash::Hasher;

use node_core::access::FileUse;
use node_core::check::Passed;
use node_core::dtype::Text;
use node_core::kernel::Chunk;
use node_core::{Attr, Attrs, Setup, Tensor, for_erased};
use xxhash_rust::xxh3::Xxh3;

/// Tensors of at most this many bytes are told apart by their elements, larger ones by their storage.
const BY_ELEMENTS: u64 = 1 << 16;

/// 128 bits that stand for what produced a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// That of output number `index` of what this one stands for.
    pub fn output(self, index: usize) -> Fingerprint {
        let mut hash = Xxh3::new();
        hash.update(&self.0.to_le_bytes());
        hash.write_usize(index);
        Fingerprint(hash.digest128())
    }
}

/// What the outputs of a block come from that is set up so, lets this pass if it is muted, has looked at these files and is fed this; `inputs` stand for what comes to
/// each of its inputs. `None` if something has nothing that stands for it.
pub fn of_block<'i>(
    setup: &Setup,
    passes: Option<&Vec<Option<Passed>>>,
    files: &[FileUse],
    fed: Option<Fingerprint>,
    inputs: impl Iterator<Item = &'i [Option<Fingerprint>]>,
) -> Option<Fingerprint> {
    let mut hash = Xxh3::new();
    hash.update(setup.spec().name.as_bytes());
    attrs(&mut hash, &setup.attrs);
    hash.write_u8(u8::from(passes.is_some()));
    for passed in passes.into_iter().flatten() {
        let place = passed.map_or([usize::MAX; 2], |passed| [passed.input, passed.item]);
        place.into_iter().for_each(|number| hash.write_usize(number));
    }
    for file in files {
        // What cannot be read may be there the next time.
        hash.update(&file.stamp?.0.to_le_bytes());
    }
    hash.update(&fed.map_or(0, |fed| fed.0).to_le_bytes());
    for port in inputs {
        hash.write_usize(port.len());
        for fingerprint in port {
            hash.update(&(*fingerprint)?.0.to_le_bytes());
        }
    }
    Some(Fingerprint(hash.digest128()))
}

/// What stands for a tensor that is given.
pub fn of_tensor(tensor: &Tensor) -> Fingerprint {
    let mut hash = Xxh3::new();
    one(&mut hash, tensor);
    Fingerprint(hash.digest128())
}

fn attrs(hash: &mut Xxh3, attrs: &Attrs) {
    for (name, attr) in attrs.iter() {
        hash.update(name.as_bytes());
        hash.write_u8(0);
        value(hash, attr);
    }
}

fn value(hash: &mut Xxh3, attr: &Attr) {
    match attr {
        Attr::Float(v) => hash.write_u32(v.to_bits()),
        Attr::Int(v) => hash.write_i64(*v),
        Attr::Bool(v) => hash.write_u8(u8::from(*v)),
        Attr::String(v) => text(hash, v),
        Attr::DType(v) => text(hash, v.name()),
        Attr::Shape(v) => text(hash, &v.to_string()),
        Attr::Tensor(v) => one(hash, v),
        Attr::List(items) => {
            hash.write_usize(items.len());
            items.iter().for_each(|item| value(hash, item));
        }
    }
}

fn text(hash: &mut Xxh3, text: &str) {
    hash.write_usize(text.len());
    hash.update(text.as_bytes());
}

fn one(hash: &mut Xxh3, tensor: &Tensor) {
    text(hash, tensor.dtype().name());
    hash.write_usize(tensor.shape().rank());
    tensor.shape().dims().iter().for_each(|dim| hash.write_usize(*dim));
    let by_elements = tensor.bytes() <= BY_ELEMENTS;
    hash.write_u8(u8::from(by_elements));
    match Chunk::of(tensor) {
        _ if !by_elements => hash.write_u64(for_erased!(tensor.data(), T, buffer => buffer.serial())),
        Some(elements) => hash.update(elements.bytes()),
        None => tensor.slice::<Text>().into_iter().flatten().for_each(|element| text(hash, element)),
    }
}
