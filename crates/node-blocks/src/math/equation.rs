//! Einstein's summation: letters that name axes, as NumPy writes them, and what they come to.

use std::collections::BTreeMap;

/// An axis by its name: a letter, or one of those that an ellipsis stands for, counted from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// A letter.
    Letter(char),
    /// One of those that `...` stands for.
    Ellipsis(usize),
}

/// The axes of the inputs and of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// Of each input.
    pub inputs: Vec<Vec<Label>>,
    /// Of the output.
    pub output: Vec<Label>,
}

impl Equation {
    /// What `text` says for inputs of these ranks, or what is wrong with it.
    pub fn parse(text: &str, ranks: &[usize]) -> Result<Equation, String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let Some((inputs, output)) = text.split_once("->") else {
            return Err(format!("'{text}' has no '->': name the axes of the output behind it"));
        };
        let inputs: Vec<&str> = inputs.split(',').collect();
        if inputs.len() != ranks.len() {
            return Err(format!("'{text}' is for {} inputs, but {} are wired", inputs.len(), ranks.len()));
        }
        let labels = |part: &str, rank: Option<usize>, ellipsis: usize| labels(part, rank, ellipsis, &text);
        let parts = inputs.iter().zip(ranks);
        let inputs = parts.map(|(part, rank)| labels(part, Some(*rank), 0)).collect::<Result<Vec<_>, _>>()?;
        let of_ellipsis =
            |labels: &Vec<Label>| labels.iter().filter(|label| matches!(label, Label::Ellipsis(_))).count();
        let ellipsis = inputs.iter().map(of_ellipsis).max().unwrap_or(0);
        let output = labels(output, None, ellipsis)?;
        for label in &output {
            if let (Label::Letter(letter), false) = (label, inputs.iter().any(|input| input.contains(label))) {
                return Err(format!("'{letter}' of the output of '{text}' is in no input"));
            }
        }
        if output.iter().enumerate().any(|(at, label)| output[..at].contains(label)) {
            return Err(format!("the output of '{text}' names an axis twice; MatrixDiag puts a vector on a diagonal"));
        }
        let has_ellipsis = output.iter().any(|label| matches!(label, Label::Ellipsis(_)));
        if ellipsis > 0 && !has_ellipsis {
            return Err(format!("'{text}' has '...' in an input, but not in the output"));
        }
        Ok(Equation { inputs, output })
    }

    /// How long each axis is, if all lengths are known; or what does not go together: which input, and why.
    pub fn lengths(&self, dims: &[&[Option<usize>]]) -> Result<BTreeMap<Label, Option<usize>>, (usize, String)> {
        let mut lengths: BTreeMap<Label, Option<usize>> = BTreeMap::new();
        for (number, (labels, dims)) in self.inputs.iter().zip(dims).enumerate() {
            for (label, dim) in labels.iter().zip(*dims) {
                let known = *lengths.entry(*label).or_insert(*dim);
                let both = match (known, *dim, label) {
                    (Some(1), dim, Label::Ellipsis(_)) => dim,
                    (known, Some(1), Label::Ellipsis(_)) => known,
                    (Some(known), Some(dim), label) if known != dim => {
                        let name = match label {
                            Label::Letter(letter) => format!("'{letter}'"),
                            Label::Ellipsis(_) => "an axis of '...'".to_owned(),
                        };
                        return Err((number, format!("{name} is {dim} long here, but {known} elsewhere")));
                    }
                    (known, dim, _) => known.or(dim),
                };
                lengths.insert(*label, both);
            }
        }
        Ok(lengths)
    }
}

fn labels(part: &str, rank: Option<usize>, ellipsis: usize, text: &str) -> Result<Vec<Label>, String> {
    let (before, behind) = match part.split_once("...") {
        Some((before, behind)) => (before, Some(behind)),
        None => (part, None),
    };
    let letters = |part: &str| {
        let letter = |c: char| match c.is_ascii_alphabetic() {
            true => Ok(Label::Letter(c)),
            false => Err(format!("'{c}' in '{text}' names no axis; letters, ',', '->' and one '...' for each do")),
        };
        part.chars().map(letter).collect::<Result<Vec<_>, _>>()
    };
    let (mut labels, behind) = (letters(before)?, behind.map(letters).transpose()?);
    let named = labels.len() + behind.as_ref().map_or(0, Vec::len);
    let others = match (rank, &behind) {
        (Some(rank), None) if rank != named => {
            return Err(format!("'{part}' of '{text}' names {named} axes, but the input has {rank}"));
        }
        (Some(rank), Some(_)) => rank
            .checked_sub(named)
            .ok_or_else(|| format!("'{part}' of '{text}' names {named} axes, but the input has {rank}"))?,
        _ => ellipsis,
    };
    if let Some(behind) = behind {
        labels.extend((0..others).rev().map(Label::Ellipsis));
        labels.extend(behind);
    }
    Ok(labels)
}
