//! PNG and JPEG images: uint8 [height, width, channels], uint16 where a PNG has 16 bits a sample.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

use image::{ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Limits};
use node_core::{DType, PartialShape, Shape, Tensor, TensorType};

use super::{Reading, from_begin, one_line};
use crate::page_file::io_message;

/// What an image is.
pub struct Layout {
    dtype: DType,
    shape: Shape,
}

impl Layout {
    /// Its type.
    pub fn ty(&self) -> TensorType {
        TensorType::new(self.dtype, PartialShape::from(&self.shape))
    }
}

fn broken(error: &image::ImageError) -> String {
    format!("is no image that can be read: {}", one_line(error))
}

fn decoder<'f>(file: &'f File, most: u64) -> Result<impl ImageDecoder + 'f, String> {
    from_begin(file).map_err(|e| io_message(&e))?;
    let reader = ImageReader::new(BufReader::new(file)).with_guessed_format().map_err(|e| io_message(&e))?;
    decoder_of(reader, most)
}

fn decoder_of<'f, R: BufRead + Read + Seek + 'f>(
    mut reader: ImageReader<R>,
    most: u64,
) -> Result<impl ImageDecoder + 'f, String> {
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err("is no image that can be read: it is neither PNG nor JPEG".to_owned());
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(most);
    reader.limits(limits);
    reader.into_decoder().map_err(|error| broken(&error))
}

/// What an image is, read from its header.
pub fn layout(file: &File) -> Result<Layout, String> {
    let decoder = decoder(file, 64 << 20)?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let dtype = match color.bytes_per_pixel() / color.channel_count() {
        1 => DType::UInt8,
        2 => DType::UInt16,
        _ => {
            return Err(format!(
                "holds samples of another kind than whole numbers ({:?})",
                ExtendedColorType::from(color)
            ));
        }
    };
    let dims = [height as usize, width as usize, usize::from(color.channel_count())];
    let shape = Shape::new(dims).map_err(|e| e.to_string())?;
    Ok(Layout { dtype, shape })
}

/// The samples.
pub fn read(file: &File, layout: &Layout, reading: &Reading<'_>) -> Result<Tensor, String> {
    let decoder = decoder(file, reading.most)?;
    let all = layout.shape.elements();
    if reading.host.is_cancelled() {
        return Err("the reading was stopped".to_owned());
    }
    let is_same = decoder.total_bytes() == all as u64 * layout.dtype.size() as u64;
    if !is_same {
        return Err("was changed while it was read".to_owned());
    }
    let no_room = || "does not fit into memory".to_owned();
    let mut bytes: Vec<u8> = bytemuck::try_zeroed_vec(decoder.total_bytes() as usize).map_err(|()| no_room())?;
    decoder.read_image(&mut bytes).map_err(|error| broken(&error))?;
    let tensor = match layout.dtype {
        DType::UInt16 => {
            let samples: Vec<u16> = bytes.chunks_exact(2).map(bytemuck::pod_read_unaligned).collect();
            Tensor::new(layout.shape.clone(), samples)
        }
        _ => Tensor::new(layout.shape.clone(), bytes),
    };
    tensor.map_err(|e| e.to_string())
}
