//! Results that go to a file, from the window and from the command line.

use std::path::Path;

use node_core::access::Host;
use node_core::{PortRef, Tensor};
use node_engine::analysis::picture;
use node_io::results::{Format, write as write_as};
use node_io::save::SaveError;

/// Writes tensors in a format other than JSON. Of numbers of rank 2 a PNG shows colours. `host` is told of
/// the progress, and asked whether to stop.
pub fn write(path: &Path, format: Format, found: &[(&PortRef, &Tensor)], host: &dyn Host) -> Result<(), SaveError> {
    let mut tensors: Vec<(String, &Tensor)> = found.iter().map(|(port, tensor)| (port.to_string(), *tensor)).collect();
    let picture = found.first().filter(|_| format == Format::Png).and_then(|(_, tensor)| picture::of(tensor));
    if let (Some(picture), Some((_, first))) = (&picture, tensors.first_mut()) {
        *first = picture;
    }
    write_as(path, format, &tensors, host)
}
