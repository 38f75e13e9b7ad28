//! What is typed or pasted into the cells of a constant, and into its shape.

use std::collections::BTreeMap;

use node_core::attr::AttrType;
use node_core::check::{CheckedPage, Origin};
use node_core::page::Written;
use node_core::value::Wanted;
use node_core::{Attr, AttrSpec, BlockId, DType, Role, Scalar, Shape, Tensor, Value};

use crate::command::Command;

/// A constant of more elements is edited as text, or replaced by a file.
pub const MOST: usize = 100_000;

/// The attribute that holds a constant's elements, and the tensor that it is, where these can be edited here.
pub fn constant<'c>(checked: &'c CheckedPage, id: &BlockId) -> Option<(&'c AttrSpec, &'c Tensor)> {
    let block = checked.blocks.get(id)?;
    block.spec().filter(|spec| spec.role == Role::Constant)?;
    let entry = block.effective.iter().find(|entry| matches!(entry.spec.ty, AttrType::Tensor { .. }))?;
    if entry.origin != Origin::Own {
        return None;
    }
    let Attr::Tensor(tensor) = block.setup.as_ref()?.attrs.get(&entry.spec.name)? else { return None };
    (tensor.len() <= MOST).then_some((&entry.spec, tensor))
}

/// What text in the cell of element `flat` asks for. Rows and columns, as spreadsheets copy them, go on below and to the
/// right; with `as_list` one below the other in the tensor's order.
pub fn meaning(
    checked: &CheckedPage,
    id: &BlockId,
    flat: usize,
    text: &str,
    as_list: bool,
) -> Result<Option<Command>, String> {
    let (attr, tensor) = constant(checked, id).ok_or("It cannot be edited here.")?;
    let dtype = checked.blocks.get(id).and_then(|block| block.fixed_dtype(attr));
    let mut changes = BTreeMap::new();
    for (place, cell) in places(tensor.shape(), flat, text, as_list)? {
        let value = Value::parse_typed(cell, Wanted::of(Some(tensor.dtype())))?;
        if matches!(value, Value::List(_) | Value::Object(_) | Value::Null) {
            return Err(format!("'{cell}' is no single element"));
        }
        changes.insert(place, value);
    }
    let own = checked.page.block(id.as_str()).and_then(|node| node.attrs.get(&attr.name)).ok_or("It has no value.")?;
    let value = replaced(own, tensor.shape().dims(), 0, &changes);
    let value = value.ok_or("Its value is not written element by element; edit it as text.")?;
    attr.resolve(&value, dtype)?;
    let command =
        Command::SetAttr { block: id.clone(), name: attr.name.to_string(), value: Some(value.clone().into()) };
    Ok((value != *own).then_some(command))
}

/// Which element each cell of the text is for.
fn places<'t>(shape: &Shape, flat: usize, text: &'t str, as_list: bool) -> Result<Vec<(usize, &'t str)>, String> {
    let rows: Vec<Vec<&str>> =
        text.trim_end_matches(['\r', '\n']).lines().map(|line| line.split('\t').collect()).collect();
    let wide = rows.iter().map(Vec::len).max().unwrap_or(0);
    let beyond = || format!("{} × {wide} values reach beyond the edge of {shape}", rows.len());
    let dims = shape.dims();
    let position = shape.position(flat);
    let mut places = Vec::new();
    if as_list || dims.len() < 2 {
        if wide > 1 && rows.len() > 1 {
            return Err(format!("{} × {wide} values are no list; paste them in the grid", rows.len()));
        }
        for (nth, cell) in rows.iter().flatten().enumerate() {
            let place = flat + nth;
            if place >= shape.elements() {
                return Err(beyond());
            }
            places.push((place, *cell));
        }
        return Ok(places);
    }
    let [.., high, across] = *dims else { return Ok(places) };
    let [.., row, column] = position[..] else { return Ok(places) };
    for (down, cells) in rows.iter().enumerate() {
        for (right, cell) in cells.iter().enumerate() {
            if row + down >= high || column + right >= across {
                return Err(beyond());
            }
            places.push((flat + down * across + right, *cell));
        }
    }
    Ok(places)
}

/// The value with some elements replaced; `first` is the number of its own first element. `None` where it does not hold
/// them one by one.
fn replaced(value: &Value, dims: &[usize], first: usize, changes: &BTreeMap<usize, Value>) -> Option<Value> {
    let count: usize = dims.iter().product();
    if changes.range(first..first + count).next().is_none() {
        return Some(value.clone());
    }
    match (value, dims) {
        (Value::Object(entries), _) => {
            let replace = |(key, value): &(String, Value)| match (key.as_str(), value) {
                ("data", Value::List(items)) if items.len() == count => {
                    replaced(value, &[count], first, changes).map(|value| (key.clone(), value))
                }
                ("data", _) => replaced(value, dims, first, changes).map(|value| (key.clone(), value)),
                _ => Some((key.clone(), value.clone())),
            };
            entries.iter().map(replace).collect::<Option<_>>().map(Value::Object)
        }
        (Value::List(items), [dim, inner @ ..]) if items.len() == *dim => {
            let stride: usize = inner.iter().product();
            let items = items.iter().enumerate();
            let items = items.map(|(nth, item)| replaced(item, inner, first + nth * stride, changes));
            items.collect::<Option<_>>().map(Value::list)
        }
        (Value::List(_), _) | (_, [_, ..]) => None,
        (_, []) => changes.get(&first).cloned(),
    }
}

/// What a shape that is typed for a constant asks for: the same elements in their order where they fill it, or where it
/// has another number of axes; else those at the same places; and zeros where there are none.
pub fn shape(checked: &CheckedPage, id: &BlockId, text: &str) -> Result<Option<Command>, String> {
    let (attr, tensor) = constant(checked, id).ok_or("It cannot be edited here.")?;
    let wanted = || format!("'{}' is no shape; write it as [2, 3]", text.trim());
    let inner = text.trim().trim_start_matches(['[', '(']).trim_end_matches([']', ')']).trim().trim_end_matches(',');
    let dims = inner.split(',').map(str::trim).filter(|dim| !dim.is_empty()).map(str::parse);
    let dims: Vec<usize> = dims.collect::<Result<_, _>>().map_err(|_| wanted())?;
    let shape = Shape::new(&dims).map_err(|why| why.to_string())?;
    if shape == *tensor.shape() {
        return Ok(None);
    }
    if shape.elements() > MOST {
        return Err(format!("{shape} has more than {MOST} elements; use a file or Fill"));
    }
    let in_order = shape.elements() == tensor.len() || shape.rank() != tensor.shape().rank();
    let element = |flat: usize| match in_order {
        true => (flat < tensor.len()).then_some(flat),
        false => flat_at(tensor.shape(), &shape.position(flat)),
    };
    let zero = match tensor.dtype() {
        DType::Bool => Value::Bool(false),
        DType::String => Value::String(String::new()),
        _ => Value::Int(0),
    };
    let written = |flat: usize| element(flat).and_then(|at| tensor.element(at)).map_or(zero.clone(), |v| of_scalar(&v));
    let elements = (0..shape.elements()).map(written).collect::<Vec<_>>();
    let own = checked.page.block(id.as_str()).and_then(|node| node.attrs.get(&attr.name));
    let value = match own {
        // Without elements nested lists would not say of what shape they are.
        Some(Value::Object(_)) => of_parts(tensor.dtype(), &shape, elements),
        _ if elements.is_empty() && shape.rank() > 1 => of_parts(tensor.dtype(), &shape, elements),
        _ => nested(shape.dims(), &mut elements.into_iter()),
    };
    let command =
        Command::SetAttr { block: id.clone(), name: attr.name.to_string(), value: Some(Written::from(value)) };
    Ok(Some(command))
}

fn of_parts(dtype: DType, shape: &Shape, elements: Vec<Value>) -> Value {
    let dims = shape.dims().iter().map(|dim| Value::Int(i64::try_from(*dim).unwrap_or(i64::MAX))).collect();
    Value::Object(vec![
        ("dtype".to_owned(), Value::String(dtype.name().to_owned())),
        ("shape".to_owned(), Value::list(dims)),
        ("data".to_owned(), Value::list(elements)),
    ])
}

fn nested(dims: &[usize], elements: &mut impl Iterator<Item = Value>) -> Value {
    match dims {
        [] => elements.next().unwrap_or(Value::Int(0)),
        [dim, inner @ ..] => Value::list((0..*dim).map(|_| nested(inner, elements)).collect()),
    }
}

fn of_scalar(scalar: &Scalar) -> Value {
    Value::parse(&scalar.json()).unwrap_or(Value::Null)
}

/// The element at a place, if the tensor reaches so far.
fn flat_at(shape: &Shape, position: &[usize]) -> Option<usize> {
    let dims = shape.dims();
    // Axes are told apart from the last on, as where shapes are broadcast.
    let missing = position.len().saturating_sub(dims.len());
    if position[..missing].iter().any(|at| *at != 0) {
        return None;
    }
    let own = std::iter::repeat_n(&0, dims.len().saturating_sub(position.len())).chain(&position[missing..]);
    dims.iter().zip(own).try_fold(0, |flat, (dim, at)| (at < dim).then_some(flat * dim + at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_replaced_where_they_stand() {
        let value = Value::parse("[[1, 2.5], [3, \"NaN\"]]").unwrap();
        let changes = BTreeMap::from([(1, Value::Int(9)), (2, Value::Float(-0.5))]);
        let now = replaced(&value, &[2, 2], 0, &changes).unwrap();
        assert_eq!(now, Value::parse("[[1, 9], [-0.5, \"NaN\"]]").unwrap());
        let parts = Value::parse(r#"{"dtype": "int32", "shape": [2, 2], "data": [1, 2, 3, 4]}"#).unwrap();
        let now = replaced(&parts, &[2, 2], 0, &BTreeMap::from([(3, Value::Int(7))])).unwrap();
        assert_eq!(now, Value::parse(r#"{"dtype": "int32", "shape": [2, 2], "data": [1, 2, 3, 7]}"#).unwrap());
        assert_eq!(replaced(&Value::Int(3), &[], 0, &BTreeMap::from([(0, Value::Int(4))])), Some(Value::Int(4)));
        assert_eq!(replaced(&Value::Int(3), &[2], 0, &BTreeMap::from([(0, Value::Int(4))])), None);
    }

    #[test]
    fn what_is_pasted_goes_down_and_to_the_right() {
        let shape = Shape::new([3, 4]).unwrap();
        let found = |flat, text, as_list| places(&shape, flat, text, as_list);
        assert_eq!(found(5, "a\tb\r\nc\td\r\n", false).unwrap(), [(5, "a"), (6, "b"), (9, "c"), (10, "d")]);
        assert_eq!(found(5, "a\nb\nc", true).unwrap(), [(5, "a"), (6, "b"), (7, "c")]);
        assert!(found(7, "a\tb", false).is_err(), "beyond the right edge");
        assert!(found(9, "a\nb", false).is_err(), "beyond the last row");
        assert!(found(11, "a\nb", true).is_err());
        assert!(found(0, "a\tb\nc\td", true).is_err(), "no list");
        let vector = Shape::vector(3);
        assert_eq!(places(&vector, 1, "a\tb", false).unwrap(), [(1, "a"), (2, "b")]);
    }

    #[test]
    fn places_of_another_shape() {
        let shape = Shape::new([2, 3]).unwrap();
        assert_eq!(flat_at(&shape, &[1, 2]), Some(5));
        assert_eq!(flat_at(&shape, &[2, 0]), None);
        assert_eq!(flat_at(&shape, &[0, 1, 1]), Some(4));
        assert_eq!(flat_at(&shape, &[1, 1, 1]), None);
        assert_eq!(flat_at(&shape, &[2]), Some(2));
    }
}
