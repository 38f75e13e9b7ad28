//! Data types, as numbers in TensorFlow's protocol buffers.

use node_core::DType;

use crate::proto::DataType;

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
    }
}
