//! Data types, as numbers in TensorFlow's protocol buffers.

use node_core::DType;

use crate::proto::attr_value::Value;
use crate::proto::{DataType, OpDef};

/// The number of a data type.
pub fn number(dtype: DType) -> i32 {
    DataType::from_str_name(&format!("DT_{}", dtype.proto())).unwrap_or_default() as i32
}

/// The data type of a number, or the name of the one that there is no tensor of here.
pub fn of_number(number: i32) -> Result<DType, String> {
    let name = match DataType::try_from(number) {
        Ok(known) => known.as_str_name().trim_start_matches("DT_"),
        Err(_) => {
            return Err(format!("data type number {number}, which TensorFlow did not have when this was written"));
        }
    };
    let found = DType::ALL.into_iter().find(|dtype| dtype.proto() == name);
    found.ok_or_else(|| format!("data type {}, which there are no tensors of here", name.to_ascii_lowercase()))
}

/// What a data type is called: as everywhere, or as TensorFlow calls one that there are no tensors of here.
pub fn name(number: i32) -> Option<String> {
    let known =
        || DataType::try_from(number).ok().map(|dtype| dtype.as_str_name().trim_start_matches("DT_").to_lowercase());
    of_number(number).ok().map(|dtype| dtype.name().to_owned()).or_else(known)
}

/// The number of the data type that is called so.
pub fn named(name: &str) -> Option<i32> {
    // First as TensorFlow calls it: its quantized types are whole numbers here.
    let known = DataType::from_str_name(&format!("DT_{}", name.to_uppercase())).map(|dtype| dtype as i32);
    known.or_else(|| DType::from_name(name).map(number))
}

/// The data type that an operation's variable takes for this one: itself, or TensorFlow's quantized type of its width.
pub fn admitted(def: &OpDef, variable: &str, dtype: i32) -> i32 {
    let allowed = def.attr.iter().find(|attr| attr.name == variable).and_then(|attr| attr.allowed_values.as_ref());
    let Some(Value::List(list)) = allowed.and_then(|allowed| allowed.value.as_ref()) else { return dtype };
    let quantized = match DataType::try_from(dtype) {
        Ok(DataType::DtInt8) => DataType::DtQint8,
        Ok(DataType::DtUint8) => DataType::DtQuint8,
        Ok(DataType::DtInt16) => DataType::DtQint16,
        Ok(DataType::DtUint16) => DataType::DtQuint16,
        Ok(DataType::DtInt32) => DataType::DtQint32,
        // What the operation takes in no quantized form it takes as the numbers that they are.
        _ => match plain(dtype) {
            Some(plain) if !list.r#type.contains(&dtype) => return number(plain),
            _ => return dtype,
        },
    } as i32;
    if !list.r#type.contains(&dtype) && list.r#type.contains(&quantized) { quantized } else { dtype }
}

/// The whole numbers that a quantized type is.
pub fn plain(dtype: i32) -> Option<DType> {
    DType::from_name(name(dtype)?.strip_prefix('q')?)
}

/// The data type that stands for this one of an operation's variable: itself, or the whole numbers of a quantized type
/// where the operation takes no others.
pub fn standing_for(def: &OpDef, variable: &str, dtype: i32) -> Option<DType> {
    let own = of_number(dtype).ok();
    own.or_else(|| DType::ALL.into_iter().find(|plain| admitted(def, variable, number(*plain)) == dtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back() {
        for dtype in DType::ALL {
            assert_ne!(number(dtype), 0, "{dtype}");
            assert_eq!(of_number(number(dtype)), Ok(dtype));
        }
        assert!(of_number(8).is_err_and(|why| why.contains("complex64")));
        assert!(of_number(9999).is_err());
        for known in ["qint8", "resource", "float_ref", "float32", "variant"] {
            assert_eq!(named(known).and_then(name).as_deref(), Some(known));
        }
    }
}
