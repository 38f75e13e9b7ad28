//! Shapes that egui paints, as SVG.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use egui::epaint::{
    CircleShape, ClippedShape, ColorMode, CubicBezierShape, PathShape, QuadraticBezierShape, RectShape, TextShape,
};
use egui::{Color32, CornerRadius, FontFamily, Galley, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2};

/// A document of this size with these shapes on a ground of one colour.
pub fn document(size: Vec2, ground: Color32, shapes: &[ClippedShape]) -> String {
    let whole = Rect::from_min_size(Pos2::ZERO, size);
    let mut writer = Writer { whole, out: String::new(), clips: BTreeMap::new(), blurs: BTreeSet::new(), clip: None };
    for ClippedShape { clip_rect, shape, .. } in shapes {
        writer.clipped(*clip_rect, shape);
    }
    writer.leave_clip();
    let (width, height) = (number(size.x), number(size.y));
    let mut defs = String::new();
    for (rect, id) in &writer.clips {
        let [x, y, w, h] = rect.map(|bits| number(f32::from_bits(bits)));
        // Writing to a String cannot fail.
        let _ =
            write!(defs, "<clipPath id=\"c{id}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath>");
    }
    for blur in &writer.blurs {
        let deviation = number(*blur as f32 / 4.0);
        let _ = write!(
            defs,
            "<filter id=\"b{blur}\" x=\"-50%\" y=\"-50%\" width=\"200%\" height=\"200%\"><feGaussianBlur stdDeviation=\"{deviation}\"/></filter>"
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <defs>{defs}</defs>\n<rect width=\"{width}\" height=\"{height}\"{}/>\n{}</svg>\n",
        fill(ground),
        writer.out
    )
}

/// A number with as many digits as a picture needs.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn paint(name: &str, color: Color32) -> String {
    let [r, g, b, a] = color.to_srgba_unmultiplied();
    match a {
        0 => format!(" {name}=\"none\""),
        255 => format!(" {name}=\"#{r:02x}{g:02x}{b:02x}\""),
        _ => format!(" {name}=\"#{r:02x}{g:02x}{b:02x}\" {name}-opacity=\"{}\"", number(f32::from(a) / 255.0)),
    }
}

fn fill(color: Color32) -> String {
    paint("fill", color)
}

fn stroke(stroke: Stroke) -> String {
    match stroke.width > 0.0 && stroke.color.a() > 0 {
        true => format!("{} stroke-width=\"{}\"", paint("stroke", stroke.color), number(stroke.width)),
        false => String::new(),
    }
}

fn point(at: Pos2) -> String {
    format!("{} {}", number(at.x), number(at.y))
}

/// Text as XML has it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if (c as u32) < 0x20 && c != '\t' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

struct Writer {
    /// All of the picture.
    whole: Rect,
    out: String,
    /// Rectangles that clip, by their bits, and their numbers.
    clips: BTreeMap<[u32; 4], usize>,
    blurs: BTreeSet<u32>,
    clip: Option<usize>,
}

impl Writer {
    fn clipped(&mut self, clip: Rect, shape: &Shape) {
        let bounds = shape.visual_bounding_rect();
        if bounds.is_finite() && !clip.intersects(bounds) {
            return;
        }
        let needed = !clip.contains_rect(self.whole) && !clip.contains_rect(bounds);
        let wanted = needed.then(|| {
            let key = [clip.left(), clip.top(), clip.width(), clip.height()].map(f32::to_bits);
            let next = self.clips.len();
            *self.clips.entry(key).or_insert(next)
        });
        if wanted != self.clip {
            self.leave_clip();
            if let Some(id) = wanted {
                let _ = writeln!(self.out, "<g clip-path=\"url(#c{id})\">");
            }
            self.clip = wanted;
        }
        self.shape(shape);
    }

    fn leave_clip(&mut self) {
        if self.clip.take().is_some() {
            self.out.push_str("</g>\n");
        }
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| self.shape(shape)),
            Shape::Circle(circle) => self.circle(circle),
            Shape::Ellipse(ellipse) => {
                let (c, r) = (ellipse.center, ellipse.radius);
                let _ = writeln!(
                    self.out,
                    "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\"{}{}/>",
                    number(c.x),
                    number(c.y),
                    number(r.x),
                    number(r.y),
                    fill(ellipse.fill),
                    stroke(ellipse.stroke)
                );
            }
            Shape::LineSegment { points: [a, b], stroke: line } => {
                let _ = writeln!(self.out, "<path d=\"M{} L{}\"{}/>", point(*a), point(*b), stroke(*line));
            }
            Shape::Path(path) => self.path(path),
            Shape::Rect(rect) => self.rect(rect),
            Shape::Text(text) => self.text(text),
            Shape::QuadraticBezier(QuadraticBezierShape { points: [a, b, c], closed, fill: inside, stroke: line }) => {
                let d = format!("M{} Q{} {}{}", point(*a), point(*b), point(*c), if *closed { "Z" } else { "" });
                self.curve(&d, *inside, &line.width, &line.color);
            }
            Shape::CubicBezier(CubicBezierShape { points: [a, b, c, e], closed, fill: inside, stroke: line }) => {
                let end = if *closed { "Z" } else { "" };
                let d = format!("M{} C{} {} {}{end}", point(*a), point(*b), point(*c), point(*e));
                self.curve(&d, *inside, &line.width, &line.color);
            }
            // The canvas's grid of dots; nothing else on it is one.
            Shape::Mesh(_) | Shape::Band(_) | Shape::Callback(_) | Shape::Noop => {}
        }
    }

    fn curve(&mut self, d: &str, inside: Color32, width: &f32, color: &ColorMode) {
        let color = if let ColorMode::Solid(color) = color { *color } else { Color32::TRANSPARENT };
        let _ = writeln!(self.out, "<path d=\"{d}\"{}{}/>", fill(inside), stroke(Stroke::new(*width, color)));
    }

    fn circle(&mut self, circle: &CircleShape) {
        let _ = writeln!(
            self.out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}{}/>",
            number(circle.center.x),
            number(circle.center.y),
            number(circle.radius),
            fill(circle.fill),
            stroke(circle.stroke)
        );
    }

    fn path(&mut self, path: &PathShape) {
        let Some((first, rest)) = path.points.split_first() else { return };
        let mut d = format!("M{}", point(*first));
        rest.iter().for_each(|at| d.push_str(&format!(" L{}", point(*at))));
        if path.closed {
            d.push('Z');
        }
        self.curve(&d, path.fill, &path.stroke.width, &path.stroke.color);
    }

    fn rect(&mut self, shape: &RectShape) {
        let by = match shape.stroke_kind {
            StrokeKind::Inside => -shape.stroke.width / 2.0,
            StrokeKind::Middle => 0.0,
            StrokeKind::Outside => shape.stroke.width / 2.0,
        };
        let line = stroke(shape.stroke);
        let rect = if line.is_empty() { shape.rect } else { shape.rect.expand(by) };
        if rect.width() <= 0.0 || rect.height() <= 0.0 {
            return;
        }
        let blurred = match shape.blur_width > 0.0 {
            true => {
                let blur = (shape.blur_width * 2.0).round() as u32;
                self.blurs.insert(blur);
                format!(" filter=\"url(#b{blur})\"")
            }
            false => String::new(),
        };
        let paint = format!("{}{line}{blurred}", fill(shape.fill));
        let CornerRadius { nw, ne, sw, se } = shape.corner_radius;
        let [x, y, w, h] = [rect.left(), rect.top(), rect.width(), rect.height()].map(number);
        if nw == ne && ne == sw && sw == se {
            let most = rect.width().min(rect.height()) / 2.0;
            let radius = if nw > 0 { format!(" rx=\"{}\"", number(f32::from(nw).min(most))) } else { String::new() };
            let _ = writeln!(self.out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{radius}{paint}/>");
            return;
        }
        let _ = writeln!(self.out, "<path d=\"{}\"{paint}/>", rounded(rect, [nw, ne, se, sw]));
    }

    fn text(&mut self, text: &TextShape) {
        let galley: &Galley = &text.galley;
        let mut at = 0;
        for row in &galley.rows {
            let origin = text.pos + row.pos.to_vec2();
            let mut run: Option<Run> = None;
            for glyph in &row.row.glyphs {
                let section = galley
                    .job
                    .sections
                    .iter()
                    .position(|section| section.byte_range.contains(&egui::text::ByteIndex(at)));
                let section = section.unwrap_or(galley.job.sections.len().saturating_sub(1));
                at += glyph.chr.len_utf8();
                if run.as_ref().is_none_or(|run| run.section != section) {
                    run.take().into_iter().for_each(|run| self.run(&run, text));
                    let begin = pos2(origin.x + glyph.pos.x, origin.y + glyph.pos.y);
                    run = Some(Run { section, begin, end: begin.x, text: String::new() });
                }
                if let Some(run) = &mut run {
                    run.text.push(glyph.chr);
                    run.end = origin.x + glyph.pos.x + glyph.advance_width;
                }
            }
            run.into_iter().for_each(|run| self.run(&run, text));
            at += usize::from(row.ends_with_newline);
        }
    }

    fn run(&mut self, run: &Run, text: &TextShape) {
        let Some(section) = text.galley.job.sections.get(run.section) else { return };
        if run.text.trim().is_empty() {
            return;
        }
        let format = &section.format;
        let own = if format.color == Color32::PLACEHOLDER { text.fallback_color } else { format.color };
        let color = text.override_text_color.unwrap_or(own).gamma_multiply(text.opacity_factor);
        let family = match &format.font_id.family {
            FontFamily::Monospace => "font-family=\"JetBrains Mono, monospace\"",
            FontFamily::Name(_) => "font-family=\"Inter SemiBold, Inter, sans-serif\" font-weight=\"600\"",
            FontFamily::Proportional => "font-family=\"Inter, sans-serif\"",
        };
        let _ = writeln!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" {family}{} textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{}</text>",
            number(run.begin.x),
            number(run.begin.y),
            number(format.font_id.size),
            fill(color),
            number(run.end - run.begin.x),
            escaped(&run.text)
        );
    }
}

/// Letters of one format in one row.
struct Run {
    section: usize,
    /// On the base line.
    begin: Pos2,
    end: f32,
    text: String,
}

/// The outline of a rectangle with a radius for each corner, clockwise from the upper left.
fn rounded(rect: Rect, radii: [u8; 4]) -> String {
    let most = rect.width().min(rect.height()) / 2.0;
    let [nw, ne, se, sw] = radii.map(|radius| f32::from(radius).min(most));
    let (l, t, r, b) = (rect.left(), rect.top(), rect.right(), rect.bottom());
    let arc = |radius: f32, to: Pos2| format!("A{0} {0} 0 0 1 {1}", number(radius), point(to));
    [
        format!("M{}", point(pos2(l + nw, t))),
        format!("L{}", point(pos2(r - ne, t))),
        arc(ne, pos2(r, t + ne)),
        format!("L{}", point(pos2(r, b - se))),
        arc(se, pos2(r - se, b)),
        format!("L{}", point(pos2(l + sw, b))),
        arc(sw, pos2(l, b - sw)),
        format!("L{}", point(pos2(l, t + nw))),
        arc(nw, pos2(l + nw, t)),
        "Z".to_owned(),
    ]
    .join(" ")
}
