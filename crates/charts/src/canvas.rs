//! Shapes, and the picture they make.

use crate::{
    Style, WIDTH,
    style::{Colour, Colours},
    text::fit,
};

/// The free room around a picture.
pub(crate) const MARGIN: f64 = 24.0;

/// A chart that was laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) background: Colour,
    pub(crate) title: String,
    /// What it shows, in words.
    pub(crate) about: String,
    /// Parts, each so far below the top.
    pub(crate) parts: Vec<(f64, Vec<Element>)>,
}

impl Picture {
    /// How wide, in SVG units.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.width
    }

    /// How high, in SVG units.
    #[must_use]
    pub fn height(&self) -> f64 {
        self.height
    }

    /// This picture, and another below it.
    #[must_use]
    pub fn above(mut self, below: Self) -> Self {
        self.parts.extend(below.parts.into_iter().map(|(top, elements)| (top + self.height, elements)));
        self.width = self.width.max(below.width);
        self.height += below.height;
        self.about = format!("{} {}", self.about, below.about);
        self
    }
}

/// One shape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) shape: Shape,
    pub(crate) fill: Option<Colour>,
    pub(crate) stroke: Option<(Colour, f64)>,
    pub(crate) opacity: f64,
    pub(crate) dashed: bool,
    pub(crate) tip: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Rect {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        radius: f64,
    },
    Circle {
        x: f64,
        y: f64,
        radius: f64,
    },
    /// In the language of SVG's `d`.
    Path(String),
    Text {
        x: f64,
        y: f64,
        size: f64,
        anchor: Anchor,
        bold: bool,
        text: String,
    },
}

/// Which end of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Element {
    pub(crate) fn tip(&mut self, tip: impl Into<String>) -> &mut Self {
        self.tip = Some(tip.into());
        self
    }

    pub(crate) fn opacity(&mut self, opacity: f64) -> &mut Self {
        self.opacity = opacity;
        self
    }

    pub(crate) fn dashed(&mut self) -> &mut Self {
        self.dashed = true;
        self
    }

    pub(crate) fn stroke(&mut self, colour: Colour, width: f64) -> &mut Self {
        self.stroke = Some((colour, width));
        self
    }

    pub(crate) fn rounded(&mut self, by: f64) -> &mut Self {
        if let Shape::Rect { radius, width, height, .. } = &mut self.shape {
            *radius = by.min(*width / 2.0).min(*height / 2.0);
        }
        self
    }

    pub(crate) fn at(&mut self, which: Anchor) -> &mut Self {
        if let Shape::Text { anchor, .. } = &mut self.shape {
            *anchor = which;
        }
        self
    }

    pub(crate) fn bold(&mut self) -> &mut Self {
        if let Shape::Text { bold, .. } = &mut self.shape {
            *bold = true;
        }
        self
    }
}

/// Where charts draw.
#[derive(Debug)]
pub(crate) struct Canvas {
    pub(crate) style: Style,
    pub(crate) colours: &'static Colours,
    pub(crate) width: f64,
    /// How far down it is drawn.
    pub(crate) y: f64,
    title: String,
    elements: Vec<Element>,
}

impl Canvas {
    pub(crate) fn new(style: Style, title: String) -> Self {
        Self { style, colours: style.theme.colours(), width: WIDTH, y: 0.0, title, elements: Vec::new() }
    }

    pub(crate) fn say<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        self.style.say(english, chinese)
    }

    /// Where there is no room any more, on the right.
    pub(crate) fn right(&self) -> f64 {
        self.width - MARGIN
    }

    pub(crate) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, colour: Colour) -> &mut Element {
        let (width, height) = (width.max(0.0), height.max(0.0));
        self.push(Shape::Rect { x, y, width, height, radius: 0.0 }, Some(colour))
    }

    pub(crate) fn circle(&mut self, x: f64, y: f64, radius: f64, colour: Colour) -> &mut Element {
        self.push(Shape::Circle { x, y, radius }, Some(colour))
    }

    /// A filled path.
    pub(crate) fn area(&mut self, d: String, colour: Colour) -> &mut Element {
        self.push(Shape::Path(d), Some(colour))
    }

    /// A line along a path.
    pub(crate) fn stroke(&mut self, d: String, colour: Colour, width: f64) -> &mut Element {
        self.push(Shape::Path(d), None).stroke(colour, width)
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour) -> &mut Element {
        let d = format!("M{} {}L{} {}", unit(from.0), unit(from.1), unit(to.0), unit(to.1));
        self.stroke(d, colour, 1.0)
    }

    /// A text whose base line is at `y`.
    pub(crate) fn text(&mut self, x: f64, y: f64, text: &str, size: f64, colour: Colour) -> &mut Element {
        let (anchor, bold, text) = (Anchor::Start, false, text.to_owned());
        self.push(Shape::Text { x, y, size, anchor, bold, text }, Some(colour))
    }

    /// As much of a text as fits into `room`; its tip is all of it.
    pub(crate) fn text_in(
        &mut self,
        x: f64,
        y: f64,
        text: &str,
        (room, size): (f64, f64),
        colour: Colour,
    ) -> &mut Element {
        let shown = fit(text, room, size, false);
        let element = self.text(x, y, &shown, size, colour);
        if shown != text {
            element.tip(text);
        }
        element
    }

    fn push(&mut self, shape: Shape, fill: Option<Colour>) -> &mut Element {
        let at = self.elements.len();
        self.elements.push(Element { shape, fill, stroke: None, opacity: 1.0, dashed: false, tip: None });
        &mut self.elements[at]
    }

    /// The picture, with what it shows in words.
    pub(crate) fn finish(self, about: String) -> Picture {
        let about = if about.trim().is_empty() { self.title.clone() } else { about };
        Picture {
            width: self.width,
            height: (self.y + MARGIN).ceil(),
            background: self.colours.background,
            title: self.title,
            about,
            parts: vec![(0.0, self.elements)],
        }
    }
}

/// A length with as many digits as matter.
pub(crate) fn unit(value: f64) -> String {
    if value.is_finite() { crate::figures::trimmed(value, 2) } else { "0".to_owned() }
}
