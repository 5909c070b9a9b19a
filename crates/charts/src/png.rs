//! Pictures as pixels, with the fonts of the machine.
//!
//! `usvg` reads the SVG back and turns words into outlines, `tiny-skia` fills them. What is drawn here is what this crate's
//! SVG can say: shapes of one colour, some of them translucent. The frame of the PNG (W3C, *PNG Specification*, third edition)
//! is written here; `resvg`, which has all of this, brings a PNG writer whose features would change what Parquet is built
//! with.

use std::{io::Write as _, sync::Arc};

use flate2::{Compression, Crc, write::ZlibEncoder};
use tiny_skia::{FillRule, Paint, Pixmap, Transform};
use usvg::{Group, Node, Options, Tree, fontdb::Database};

use crate::{ChartError, Picture};

/// Pixels that an image has at most.
const PIXELS_MAX: u64 = 64_000_000;
/// What makes text of these packages readable.
const FONTS_ANY: &str = "`fonts-dejavu` (Debian, Ubuntu) or `dejavu-sans-fonts` (Fedora)";
const FONTS_CHINESE: &str = "`fonts-noto-cjk` (Debian, Ubuntu) or `google-noto-sans-cjk-fonts` (Fedora)";

impl Picture {
    /// The picture as a PNG, with so many pixels a unit (2 is sharp on today's screens), with the fonts of this machine.
    ///
    /// # Errors
    /// When no font has a character of it, or it would be too large.
    pub fn png(&self, scale: f64) -> Result<Vec<u8>, ChartError> {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        self.png_with(fonts, scale)
    }

    fn png_with(&self, mut fonts: Database, scale: f64) -> Result<Vec<u8>, ChartError> {
        let first = fonts.faces().flat_map(|face| face.families.first()).map(|(name, _)| name.clone()).next();
        let Some(first) = first else { return Err(no_font('A')) };
        // Whatever fonts there are, one of them is the last resort.
        fonts.set_sans_serif_family(first);
        let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
        let tree = Tree::from_str(&self.svg(), &options)?;
        if let Some(example) = missing(tree.root()) {
            return Err(no_font(example));
        }
        let mut image = self.canvas(scale)?;
        draw(&mut image, tree.root(), 1.0, Transform::from_scale(scale as f32, scale as f32));
        packed(&image)
    }

    fn canvas(&self, scale: f64) -> Result<Pixmap, ChartError> {
        let pixels = |units: f64| (units * scale).round().max(1.0) as u64;
        let (width, height) = (pixels(self.width), pixels(self.height));
        let too_large = || ChartError::TooLarge { width, height, limit: PIXELS_MAX };
        if width.saturating_mul(height) > PIXELS_MAX {
            return Err(too_large());
        }
        Pixmap::new(width as u32, height as u32).ok_or_else(too_large)
    }
}

fn no_font(example: char) -> ChartError {
    ChartError::NoFont { example, packages: if example < '\u{2e80}' { FONTS_ANY } else { FONTS_CHINESE } }
}

/// The first character that no font has.
fn missing(group: &Group) -> Option<char> {
    group.children().iter().find_map(|node| match node {
        Node::Group(group) => missing(group),
        Node::Text(text) => {
            let mut glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
            glyphs.find(|glyph| glyph.id.0 == 0).and_then(|glyph| glyph.text.chars().next())
        }
        _ => None,
    })
}

fn draw(image: &mut Pixmap, group: &Group, opacity: f32, scale: Transform) {
    // A translucent group of ours holds one shape, so its opacity is the shape's.
    let opacity = opacity * group.opacity().get();
    for node in group.children() {
        match node {
            Node::Group(group) => draw(image, group, opacity, scale),
            Node::Path(path) => draw_path(image, path, opacity, scale),
            Node::Text(text) => draw(image, text.flattened(), opacity, scale),
            Node::Image(_) => {}
        }
    }
}

fn draw_path(image: &mut Pixmap, path: &usvg::Path, opacity: f32, scale: Transform) {
    let transform = scale.pre_concat(path.abs_transform());
    let fill = |image: &mut Pixmap| {
        let Some((paint, fill)) = path.fill().and_then(|f| Some((paint(f.paint(), f.opacity().get() * opacity)?, f)))
        else {
            return;
        };
        let rule = if fill.rule() == usvg::FillRule::EvenOdd { FillRule::EvenOdd } else { FillRule::Winding };
        image.fill_path(path.data(), &paint, rule, transform, None);
    };
    let stroke = |image: &mut Pixmap| {
        let Some((paint, stroke)) =
            path.stroke().and_then(|s| Some((paint(s.paint(), s.opacity().get() * opacity)?, s)))
        else {
            return;
        };
        image.stroke_path(path.data(), &paint, &stroke.to_tiny_skia(), transform, None);
    };
    match path.paint_order() {
        usvg::PaintOrder::FillAndStroke => {
            fill(image);
            stroke(image);
        }
        usvg::PaintOrder::StrokeAndFill => {
            stroke(image);
            fill(image);
        }
    }
}

fn paint(paint: &usvg::Paint, opacity: f32) -> Option<Paint<'static>> {
    let usvg::Paint::Color(colour) = paint else { return None };
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(colour.red, colour.green, colour.blue, (opacity * 255.0).round() as u8);
    Some(paint)
}

/// The image as PNG: eight bits each of red, green and blue, since the background is opaque.
fn packed(image: &Pixmap) -> Result<Vec<u8>, ChartError> {
    const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
    const RGB8: [u8; 5] = [8, 2, 0, 0, 0];
    let mut png = SIGNATURE.to_vec();
    let header = [&image.width().to_be_bytes(), &image.height().to_be_bytes(), RGB8.as_slice()].concat();
    chunk(&mut png, *b"IHDR", &header);
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in image.data().chunks_exact(image.width() as usize * tiny_skia::BYTES_PER_PIXEL) {
        let colours = row.chunks_exact(tiny_skia::BYTES_PER_PIXEL).flat_map(|pixel| pixel.iter().take(3).copied());
        // 0: the row as it is, no filter.
        rows.write_all(&std::iter::once(0).chain(colours).collect::<Vec<u8>>())?;
    }
    chunk(&mut png, *b"IDAT", &rows.finish()?);
    chunk(&mut png, *b"IEND", &[]);
    Ok(png)
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let mut check = Crc::new();
    check.update(&name);
    check.update(data);
    // An image within the bound is far smaller than 4 GiB.
    png.extend((data.len() as u32).to_be_bytes());
    png.extend(name);
    png.extend(data);
    png.extend(check.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chart as _, HistogramChart, Style};

    #[test]
    fn without_fonts_the_error_says_what_to_install() {
        let picture = HistogramChart::default().draw(Style::default());
        let error = picture.png_with(Database::new(), 1.0).expect_err("no fonts");
        assert!(error.to_string().contains("fonts-dejavu"), "{error}");
    }

    #[test]
    fn an_image_has_a_bound() {
        let picture = HistogramChart::default().draw(Style::default());
        assert!(matches!(picture.canvas(1e4), Err(ChartError::TooLarge { .. })));
    }
}
