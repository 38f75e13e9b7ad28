//! Folds: which elements, the largest contributions first, and what the others come to.

use super::words::filled;
use super::{Origin, Reason, WhyCx, Words, met};
use crate::for_operand;
use crate::kernel::{Chunk, Elementwise, Fold, LANES, Operand, Reduction, simd};
use crate::problem::Fault;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// So many elements are looked at together.
const PIECE: usize = 4096;

/// An element that is folded: which, and what it contributes.
#[derive(Clone, Copy)]
struct Term {
    flat: usize,
    value: f64,
    /// Its bits: whole numbers may be beyond what float64 holds.
    bits: u64,
}

/// The reason of a result of a fold.
pub fn reason(
    cx: &WhyCx<'_>,
    (map, reduction): (&Elementwise, &Reduction),
    words: Option<&Words<'_>>,
) -> Result<Reason, Vec<Fault>> {
    let operands = cx.operands();
    let tensors: Vec<Tensor> =
        operands.iter().map(|(input, item)| cx.operand(*input, *item)).collect::<Result<_, _>>()?;
    let misfit = || vec![Fault::block("the operands do not broadcast; this is a bug in the block")];
    let shapes = tensors.iter().map(|tensor| tensor.shape().clone());
    let walked = shapes.map(Some).reduce(|a, b| a?.broadcast(&b?)).flatten().ok_or_else(misfit)?;
    let group = Group::new(&walked, reduction.axes(), cx.flat());
    let origins = |flat: usize| -> Vec<Origin> {
        let own = operands.iter().zip(&tensors);
        let origin = |((input, item), tensor): (&(usize, usize), &Tensor)| Origin {
            input: *input,
            item: *item,
            flat: met(tensor.shape(), &walked, flat),
        };
        own.map(origin).collect()
    };
    let mut seen = Seen::new(reduction.fold(), cx.terms());
    for_operand!(map.output(), T => {
        contributions::<T>(map, &tensors, &walked, &group, &mut seen).ok_or_else(misfit)?;
    }, else return Err(misfit()));
    let named: Vec<Vec<Origin>> = seen.top.iter().map(|term| origins(term.flat)).collect();
    let each = if map.is_identity() { None } else { Some(words.map_or("", Words::formula)) };
    let because = seen.told(&Telling { cx, named: &named, each, count: group.count, why: words.and_then(Words::why) });
    let from: Vec<Origin> = named.into_iter().flatten().collect();
    let omitted = (group.count - seen.top.len()) * operands.len();
    Ok(Reason { because, steps: Vec::new(), from, omitted })
}

/// The elements that go into one result: those that have its place along the axes that stay.
struct Group {
    /// The first of them.
    base: usize,
    /// The folded axes, with how far apart neighbours are.
    folded: Vec<(usize, usize)>,
    count: usize,
}

impl Group {
    fn new(walked: &Shape, axes: &[bool], mut result: usize) -> Group {
        let (mut base, mut stride, mut folded) = (0, 1, Vec::new());
        for (dim, is_folded) in walked.dims().iter().zip(axes).rev() {
            if *is_folded {
                folded.push((*dim, stride));
            } else {
                base += result % dim * stride;
                result /= dim;
            }
            stride *= dim;
        }
        let count = folded.iter().map(|(dim, _)| dim).product();
        Group { base, folded, count }
    }

    /// Element number `nth` of the group, in the order of the whole.
    fn flat(&self, mut nth: usize) -> usize {
        self.folded.iter().fold(self.base, |flat, (dim, stride)| {
            let at = nth % dim;
            nth /= dim;
            flat + at * stride
        })
    }

    /// How many of them, from number `nth` on, lie one after the other.
    fn run(&self, nth: usize) -> usize {
        let (mut run, mut next) = (1, 1);
        for (dim, stride) in &self.folded {
            if *stride != next {
                break;
            }
            run *= dim;
            next *= dim;
        }
        run - nth % run.max(1)
    }
}

/// Shows what each element of the group contributes, in order.
fn contributions<T: Operand>(
    map: &Elementwise,
    tensors: &[Tensor],
    walked: &Shape,
    group: &Group,
    seen: &mut Seen,
) -> Option<()> {
    let mut out = vec![T::default(); PIECE.min(group.count)];
    let mut nth = 0;
    while nth < group.count {
        let flat = group.flat(nth);
        let whole = |tensor: &Tensor| tensor.len() == 1 || tensor.shape() == walked;
        let len = if tensors.iter().all(whole) { group.run(nth).min(PIECE).min(group.count - nth) } else { 1 };
        let chunks: Option<Vec<Chunk<'_>>> = tensors
            .iter()
            .map(|tensor| {
                let at = met(tensor.shape(), walked, flat);
                let len = if tensor.len() == 1 { 1 } else { len };
                Chunk::of(tensor).map(|chunk| chunk.part(at, at + len))
            })
            .collect();
        let values = &mut out[..len];
        map.run(&chunks?, flat, T::chunk_mut(values))?;
        seen.see(values, flat);
        nth += len;
    }
    Some(())
}

/// What has been seen of the contributions.
struct Seen {
    fold: Fold,
    terms: usize,
    /// Of a sum the largest, of an extreme the one that it is.
    top: Vec<Term>,
    /// What is no larger is none of them.
    limit: f64,
    /// What the others add up to.
    rest: f64,
    /// How many are equal to an extreme.
    equal: usize,
}

impl Seen {
    fn new(fold: Fold, terms: usize) -> Seen {
        Seen { fold, terms: terms.max(1), top: Vec::new(), limit: -1.0, rest: 0.0, equal: 0 }
    }

    /// Sees contributions of neighbours; the first is that of element `flat`.
    fn see<T: Operand>(&mut self, values: &[T], flat: usize) {
        if self.is_passed_by(values) {
            return;
        }
        let terms = values.iter().enumerate().map(|(at, value)| Term {
            flat: flat + at,
            value: value.as_f64(),
            bits: value.to_bits64(),
        });
        match self.fold {
            Fold::Sum => terms.for_each(|term| self.see_sum(term)),
            Fold::Min => terms.for_each(|term| self.see_extreme::<T>(term, |new, old| new < old)),
            Fold::Max => terms.for_each(|term| self.see_extreme::<T>(term, |new, old| new > old)),
        }
    }

    /// Most of a sum are among the others: where no value of a stretch is larger than what is named already, all of it is.
    fn is_passed_by<T: Operand>(&mut self, values: &[T]) -> bool {
        if self.fold != Fold::Sum || self.limit < 0.0 {
            return false;
        }
        let (mut sums, mut largest) = ([0f64; LANES], [0f64; LANES]);
        simd::fold(&mut sums, values, |value: T| value.as_f64(), |a, b| a + b);
        simd::fold(&mut largest, values, |value: T| value.as_f64().abs(), |a, b| if b > a { b } else { a });
        let sum: f64 = sums.into_iter().sum();
        // NaN shows in the sum.
        let is_small = largest.into_iter().all(|value| value <= self.limit) && !sum.is_nan();
        self.rest += if is_small { sum } else { 0.0 };
        is_small
    }

    fn see_sum(&mut self, term: Term) {
        // NaN counts as larger than all.
        let size = |term: &Term| if term.value.is_nan() { f64::INFINITY } else { term.value.abs() };
        let full = self.top.len() >= self.terms;
        if full && self.top.last().is_none_or(|last| size(&term) <= size(last)) {
            self.rest += term.value;
            return;
        }
        let at = self.top.partition_point(|other| size(other) >= size(&term));
        self.top.insert(at, term);
        if full && let Some(out) = self.top.pop() {
            self.rest += out.value;
        }
        if self.top.len() >= self.terms {
            self.limit = self.top.last().map_or(f64::INFINITY, size);
        }
    }

    fn see_extreme<T: Operand>(&mut self, term: Term, beats: impl Fn(T, T) -> bool) {
        let new = T::from_bits64(term.bits);
        let is_nan = term.value.is_nan();
        match self.top.first().map(|held| (held.value.is_nan(), T::from_bits64(held.bits))) {
            Some((held_nan, held)) if new == held || is_nan && held_nan => self.equal += 1,
            // NaN wins, and stays.
            Some((held_nan, held)) if held_nan || !(beats(new, held) || is_nan) => {}
            _ => (self.top, self.equal) = (vec![term], 1),
        }
    }

    fn told(&self, telling: &Telling<'_, '_>) -> String {
        let count = telling.count;
        let text = match self.fold {
            Fold::Sum => {
                let others = count - self.top.len();
                let (mut by_names, mut by_numbers): (Vec<String>, Vec<String>) =
                    (telling.terms(), self.top.iter().map(|term| number(term.value)).collect());
                if others > 0 {
                    by_names.push(format!("{others} others"));
                    by_numbers.push(number(self.rest));
                }
                match count {
                    0 => "the sum of no elements".to_owned(),
                    _ => format!("{} = {}", by_names.join(" + "), by_numbers.join(" + ")),
                }
            }
            Fold::Min | Fold::Max => {
                let what = if self.fold == Fold::Min { "least" } else { "greatest" };
                let among = match self.equal {
                    0 | 1 => format!("the {what} of {count}"),
                    equal => format!("the {what} of {count}, the first of {equal} that are equal"),
                };
                match telling.terms().first() {
                    Some(name) => format!("{name}, {among}"),
                    None => format!("the {what} of no elements"),
                }
            }
        };
        match telling.why {
            Some(why) => format!("{text}, {why}"),
            None => text,
        }
    }
}

/// What there is to tell of terms.
struct Telling<'t, 'a> {
    cx: &'t WhyCx<'a>,
    named: &'t [Vec<Origin>],
    /// What is done to each element before, as a formula; an empty one is not known.
    each: Option<&'t str>,
    count: usize,
    why: Option<&'t str>,
}

impl Telling<'_, '_> {
    fn terms(&self) -> Vec<String> {
        let term = |origins: &Vec<Origin>| {
            let names: Vec<String> = origins.iter().map(|origin| self.cx.name_of(*origin)).collect();
            match self.each {
                None | Some("") => names.join(" and "),
                Some(formula) => filled(formula, |name| {
                    let port = |origin: &Origin| self.cx.spec().inputs().nth(origin.input).map(|p| p.name.clone());
                    let nth = origins.iter().position(|origin| port(origin).is_some_and(|port| port == name))?;
                    names.get(nth).cloned()
                }),
            }
        };
        self.named.iter().map(term).collect()
    }
}

/// A number as float32 shows it, if it is one.
fn number(value: f64) -> String {
    if f64::from(value as f32) == value || value.is_nan() {
        crate::number::f32_text(value as f32)
    } else {
        crate::number::f64_text(value)
    }
}
