//! Pictures as pixels.

use florin_charts::{Chart as _, ChartError, Style};

use crate::made::{charts, styles};

/// Width and height as the header of a PNG says them.
fn size(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| png[at..at + 4].iter().fold(0, |all, byte| (all << 8) | u32::from(*byte));
    assert_eq!((&png[..8], &png[12..16]), (b"\x89PNG\r\n\x1a\n".as_slice(), b"IHDR".as_slice()));
    (number(16), number(20))
}

#[test]
fn every_chart_becomes_a_png_of_its_size() {
    for (style_name, style) in styles() {
        for (name, chart) in charts(style).into_iter().filter(|(name, _)| style_name == "light" || *name == "funnel") {
            let picture = chart.draw(style);
            match picture.png(1.5) {
                Ok(png) => {
                    let (width, height) = size(&png);
                    assert_eq!(f64::from(width), picture.width() * 1.5, "{name}");
                    assert_eq!(f64::from(height), (picture.height() * 1.5).round(), "{name}");
                    assert!(pixels(&png, width, height).is_some_and(|colours| colours > 20), "{name} is drawn");
                }
                Err(error @ ChartError::NoFont { .. }) => println!("skipped: {name} {style_name}: {error}"),
                Err(error) => panic!("{name} {style_name}: {error}"),
            }
        }
    }
}

/// How many different colours there are; none when the image cannot be unpacked.
fn pixels(png: &[u8], width: u32, height: u32) -> Option<usize> {
    use std::io::Read as _;
    let at = png.windows(4).position(|name| name == b"IDAT")?;
    let length = u32::from_be_bytes(png[at - 4..at].try_into().ok()?) as usize;
    let mut rows = Vec::new();
    flate2::read::ZlibDecoder::new(&png[at + 4..at + 4 + length]).read_to_end(&mut rows).ok()?;
    let row = 1 + 3 * width as usize;
    assert_eq!(rows.len(), row * height as usize);
    let colours: std::collections::BTreeSet<&[u8]> =
        rows.chunks_exact(row).flat_map(|row| row[1..].chunks_exact(3)).collect();
    Some(colours.len())
}

#[test]
fn a_character_that_no_font_has_is_named() {
    // A character for private use.
    let chart = florin_charts::HistogramChart { title: "\u{f0fff}".to_owned(), ..Default::default() };
    match chart.draw(Style::default()).png(1.0) {
        Err(error @ ChartError::NoFont { .. }) => assert!(error.to_string().contains(".svg"), "{error}"),
        Err(error) => panic!("{error}"),
        Ok(_) => println!("skipped: a font of this machine has even U+F0FFF"),
    }
}
