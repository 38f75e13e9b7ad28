//! A picture in pixels of one in lines.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// So many pixels stand for each unit: texts are read on any screen.
const SCALE: f32 = 2.0;
/// A picture is no wider and no higher, in pixels.
const MOST: f32 = 16_384.0;

/// A PNG of an SVG document; its texts are set in the program's own fonts, whatever the machine has.
///
/// # Errors
/// Why it cannot be drawn: it is too large for memory.
pub fn png(svg: &str) -> Result<Vec<u8>, String> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    node_editor::drawing::fonts().into_iter().for_each(|font| fonts.load_font_data(font));
    fonts.set_sans_serif_family("Inter");
    fonts.set_monospace_family("JetBrains Mono");
    let tree = Tree::from_str(svg, &options).map_err(|error| format!("the picture cannot be read back: {error}"))?;
    let size = tree.size();
    let scale = SCALE.min(MOST / size.width().max(size.height()));
    let [width, height] = [size.width(), size.height()].map(|length| (length * scale).ceil().max(1.0) as u32);
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| format!("there is no memory for {width} x {height} pixels"))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| format!("it cannot be written as PNG: {error}"))
}
