//! Which values share a register.
//!
//! A region comes with a register of its own for every value, each written by one instruction. How long a value is
//! needed is found here and nowhere else, from the instructions that read it: whatever an instruction reads, and however
//! late, is there when it reads.

use std::collections::BTreeMap;

use node_core::DType;

use crate::program::{Dest, Loc, Region};

/// Lets values that are not needed at the same time share a register.
pub fn share(region: &mut Region) {
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); region.instructions.len() + 1];
    for (register, last) in last_uses(region).into_iter().enumerate() {
        ends[last].push(register);
    }
    let own = std::mem::take(&mut region.registers);
    let mut place: Vec<usize> = vec![0; own.len()];
    let mut free: BTreeMap<DType, Vec<usize>> = BTreeMap::new();
    for (number, instruction) in region.instructions.iter_mut().enumerate() {
        instruction.operands.iter_mut().for_each(|operand| *operand = moved(*operand, &place));
        // Taken before the operands' are free: no instruction writes where it reads.
        if let Dest::Register(register) = instruction.dest {
            let dtype = own[register];
            place[register] = free.entry(dtype).or_default().pop().unwrap_or_else(|| {
                region.registers.push(dtype);
                region.registers.len() - 1
            });
            instruction.dest = Dest::Register(place[register]);
        }
        for register in &ends[number] {
            free.entry(own[*register]).or_default().push(place[*register]);
        }
    }
    region.watches.iter_mut().for_each(|watch| watch.at = moved(watch.at, &place));
    region.copies.iter_mut().for_each(|(register, _)| *register = place[*register]);
}

fn moved(at: Loc, place: &[usize]) -> Loc {
    match at {
        Loc::Register(register) => Loc::Register(place[register]),
        other => other,
    }
}

/// For each register the last instruction during which it must hold its value; one beyond the last instruction for what
/// is needed at the end of a stretch.
fn last_uses(region: &Region) -> Vec<usize> {
    let mut last = vec![0; region.registers.len()];
    let mut until = |at: Loc, number: usize| {
        if let Loc::Register(register) = at {
            last[register] = last[register].max(number);
        }
    };
    for (number, instruction) in region.instructions.iter().enumerate() {
        if let Dest::Register(register) = instruction.dest {
            until(Loc::Register(register), number);
        }
        instruction.operands.iter().for_each(|operand| until(*operand, number));
    }
    let end = region.instructions.len();
    region.watches.iter().for_each(|watch| until(watch.at, watch.after));
    region.copies.iter().for_each(|(register, _)| until(Loc::Register(*register), end));
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Instruction, Subject, Watch, Work};

    /// What each reader of a region sees: for every instruction, watch and copy, who made what it reads.
    fn seen(region: &Region) -> Vec<Option<usize>> {
        let mut held = vec![None; region.registers.len()];
        let mut seen = Vec::new();
        let look = |held: &[Option<usize>], at: &Loc| match at {
            Loc::Register(register) => held[*register],
            _ => None,
        };
        for number in 0..=region.instructions.len() {
            let watches = region.watches.iter().filter(|watch| watch.after == number);
            seen.extend(watches.map(|watch| look(&held, &watch.at)));
            let Some(instruction) = region.instructions.get(number) else { break };
            seen.extend(instruction.operands.iter().map(|operand| look(&held, operand)));
            if let Dest::Register(register) = instruction.dest {
                assert!(!instruction.operands.contains(&Loc::Register(register)), "it writes where it reads");
                held[register] = Some(number);
            }
        }
        seen.extend(region.copies.iter().map(|(register, _)| held[*register]));
        seen
    }

    /// A region of `len` instructions, each of which reads any that were before it.
    fn random(len: usize, seed: u64) -> Region {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut below = |n: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % n.max(1) as u64) as usize
        };
        let mut region = Region::new(1);
        for number in 0..len {
            let read = (0..below(3).min(number)).map(|_| Loc::Register(below(number))).collect();
            let dtype = [DType::Float32, DType::Int32][below(2)];
            region.registers.push(dtype);
            region.instructions.push(Instruction {
                step: number,
                also: None,
                work: Work::Fold,
                operands: read,
                dest: Dest::Register(number),
            });
            if below(4) == 0 {
                let (at, after) = (Loc::Register(below(number + 1)), number + 1);
                region.watches.push(Watch { subject: Subject::Stats(0), at, after });
            }
        }
        for output in 0..below(3) {
            region.copies.push((below(len), output));
        }
        region
    }

    #[test]
    fn every_reader_sees_what_it_saw_before() {
        for seed in 0..2_000 {
            let mut region = random(1 + seed as usize % 40, seed);
            let (before, own) = (seen(&region), region.registers.len());
            share(&mut region);
            assert_eq!(seen(&region), before, "seed {seed}");
            assert!(region.registers.len() <= own);
        }
    }
}
