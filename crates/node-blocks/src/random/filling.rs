//! Tensors of random numbers: shape, seeds, steps; and distributions as TensorFlow makes them from 32-bit numbers.

use node_core::type_rule::{Floating, Index};
use node_core::{
    AttrKey, Block, BlockSpec, BlockType, DType, Element, Fault, In, InferCx, Out, Reason, Role, RunCx, Shape, Tensor,
    TensorType, WhyCx, half,
};

use super::philox::Philox;
use crate::given;

const SHAPE: In<Index> = In::new("shape", "The shape to be; a vector.").of("T").parameter();
const SEED: AttrKey<i64> =
    AttrKey::int("seed", 0, "The first seed. With both 0 the seeds are made from the block's full name.");
const SEED2: AttrKey<i64> = AttrKey::int("seed2", 0, "The second seed.");
const DTYPE: AttrKey<DType> =
    AttrKey::one_of_dtypes("dtype", DType::FLOATING, Some(DType::Float32), "The data type of the numbers.");
const OUTPUT: Out<Floating> = Out::new("output", "The numbers; of the shape `shape`.").of("dtype");

/// Numbers are taken in turn from so many 32-bit numbers for each output, whatever each needs: TensorFlow's reserve.
const RESERVED: u64 = 256;

/// What is common to the documentation of random blocks.
const DOCS: &str = "TensorFlow's Philox generator: for given seeds the numbers of its operation in a session, one step after \
     the other, as long as their shape stays; a new run begins anew. With `seed` and `seed2` 0, where TensorFlow takes any, the seed is FNV-1a of the \
     page's name (where it has one), a slash and the block's id: so a page gives the same numbers every time, and two blocks \
     different ones.";

/// How numbers come about.
pub trait Distribution: Send + Sync + 'static {
    /// Fills groups of numbers from `first` on, as float32 makes them.
    fn singles(&self, base: Philox, first: usize, out: &mut [f32]);
    /// The same as float64 makes them.
    fn doubles(&self, base: Philox, first: usize, out: &mut [f64]);
    /// The number for a narrow float, of those whose significand has so many bits and that are rounded by this.
    fn narrow(&self, base: Philox, first: usize, out: &mut [f32], bits: u32) {
        let _ = bits;
        self.singles(base, first, out);
    }
}

/// A block of this distribution.
pub fn block(
    [name, summary, docs]: [&'static str; 3],
    aliases: &'static [&'static str],
    of: impl Distribution,
) -> BlockType {
    BlockSpec::new(name, "Random", summary, format!("{docs} {DOCS}"))
        .aliases(aliases.iter().copied())
        .role(Role::Counted)
        .ports([SHAPE.port(), OUTPUT.port()])
        .attrs([SEED.spec(), SEED2.spec(), DTYPE.spec()])
        .code(Filling(of))
}

struct Filling<D>(D);

impl<D: Distribution> Block for Filling<D> {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let shape = match given::vector(cx, SHAPE)? {
            Some(dims) => {
                let dims = dims.iter().map(|dim| given::len(*dim, "shape").map(Some)).collect::<Result<_, _>>()?;
                given::shape(dims, "shape")?
            }
            None => given::of_rank(given::length(cx, SHAPE)?),
        };
        Ok(vec![TensorType::new(cx.attr(DTYPE)?, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (seed, seed2, step) = place(cx)?;
        Ok(Reason::of_itself(format!("number {} of step {step} from the seeds {seed} and {seed2}", cx.flat())))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (seed, seed2, step) = place(cx)?;
        let ty = &cx.outputs()[0];
        let counts = (ty.shape.elements() as u64).wrapping_mul(RESERVED).wrapping_mul(step);
        let base = Philox::new(seed, seed2).skipped(counts);
        Ok(vec![match ty.dtype {
            DType::Float64 => cx.write::<f64>(&ty.shape, PIECE, |first, out| self.0.doubles(base, first, out))?,
            DType::Float16 => {
                narrow(cx, &ty.shape, |first, out| self.0.narrow(base, first, out, 10), half::f16::from_f32)?
            }
            DType::BFloat16 => {
                narrow(cx, &ty.shape, |first, out| self.0.narrow(base, first, out, 7), half::bf16::from_f32)?
            }
            _ => cx.write::<f32>(&ty.shape, PIECE, |first, out| self.0.singles(base, first, out))?,
        }])
    }
}

/// Elements that are made in one piece: whole groups of each distribution.
const PIECE: usize = 1 << 12;

fn narrow<T: Element + Copy>(
    cx: &RunCx<'_>,
    shape: &Shape,
    fill: impl Fn(usize, &mut [f32]) + Sync,
    round: impl Fn(f32) -> T + Sync,
) -> Result<Tensor, Vec<Fault>> {
    cx.write::<T>(shape, PIECE, |first, out| {
        let mut wide = vec![0.0; out.len()];
        fill(first, &mut wide);
        out.iter_mut().zip(wide).for_each(|(out, wide)| *out = round(wide));
    })
}

/// The seeds, and the number of the step.
fn place(cx: &InferCx<'_>) -> Result<(u64, u64, u64), Vec<Fault>> {
    let counted = cx.fed().and_then(Tensor::slice::<i64>).unwrap_or_default();
    let (step, name) = (counted.first().copied().unwrap_or(0), counted.get(1).copied().unwrap_or(0));
    Ok(match (cx.attr(SEED)?, cx.attr(SEED2)?) {
        (0, 0) => (name as u64, 0, step as u64),
        (seed, seed2) => (seed as u64, seed2 as u64, step as u64),
    })
}

/// From 0 to 1 without 1, of 23 bits.
pub fn uniform(bits: u32) -> f32 {
    f32::from_bits((127 << 23) | (bits & 0x7f_ffff)) - 1.0
}

/// From 0 to 1 without 1, of 52 bits.
pub fn uniform_double([high, low]: [u32; 2]) -> f64 {
    f64::from_bits((1023 << 52) | (u64::from(high & 0xf_ffff) << 32) | u64::from(low)) - 1.0
}

/// Two numbers of the standard normal distribution, by Box and Muller.
pub fn normal(bits: [u32; 2]) -> [f32; 2] {
    let u1 = uniform(bits[0]).max(1e-7);
    let angle = (2.0 * std::f64::consts::PI * f64::from(uniform(bits[1]))) as f32;
    let radius = (-2.0 * libm::logf(u1)).sqrt();
    [libm::sinf(angle) * radius, libm::cosf(angle) * radius]
}

/// The same with 52 bits.
pub fn normal_double([a, b, c, d]: [u32; 4]) -> [f64; 2] {
    let u1 = uniform_double([a, b]).max(1e-7);
    let angle = 2.0 * std::f64::consts::PI * uniform_double([c, d]);
    let radius = (-2.0 * libm::log(u1)).sqrt();
    [libm::sin(angle) * radius, libm::cos(angle) * radius]
}

/// Fills from groups of `N` numbers, of which each has its own place `stride` counts after the one before.
pub fn groups<T: Copy, const N: usize>(
    base: Philox,
    stride: u64,
    first: usize,
    out: &mut [T],
    make: impl Fn(&mut Philox) -> [T; N],
) {
    let (mut number, mut within) = (first / N, first % N);
    let mut out = out;
    while !out.is_empty() {
        let mut philox = base.skipped((number as u64).wrapping_mul(stride));
        let made = make(&mut philox);
        let (now, rest) = out.split_at_mut(out.len().min(N - within));
        now.copy_from_slice(&made[within..within + now.len()]);
        (out, number, within) = (rest, number + 1, 0);
    }
}
