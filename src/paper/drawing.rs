//! Simple drawings beside the text: bars, dots and words, placed by whoever draws.
//!
//! Coordinates are PDF points from the drawing's top left corner; the drawing is as wide as the
//! text, so the same shapes can be written as SVG. To people who do not see it, it is its text
//! alternative. Absent: curves, images, wrapped words.

use super::geometry::BODY_WIDTH;

/// The colours of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Black: words.
    Black,
    /// Dark blue, 8 : 1 against white: what matters.
    Accent,
    /// Grey, 3 : 1 against white: lines.
    Grey,
    /// Pale blue: areas behind words.
    Pale,
}

/// How heavy words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Upright.
    Regular,
    /// Bold.
    Bold,
}

/// Where words stand, seen from their point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// They begin there.
    Start,
    /// They are centred on it.
    Middle,
}

/// One thing drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A filled rectangle: left, top, width, height. Lines are thin ones.
    Bar {
        /// The rectangle.
        rect: [f32; 4],
        /// Its colour.
        tone: Tone,
    },
    /// A filled circle.
    Dot {
        /// Its centre.
        centre: [f32; 2],
        /// Its radius.
        radius: f32,
        /// Its colour.
        tone: Tone,
    },
    /// One line of words.
    Words {
        /// Point on the baseline.
        at: [f32; 2],
        /// Where they stand, seen from it.
        anchor: Anchor,
        /// Size.
        size: f32,
        /// How heavy.
        weight: Weight,
        /// Colour.
        tone: Tone,
        /// The words.
        text: String,
    },
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What it shows, for people who do not see it.
    pub alternative: String,
    /// Its height.
    pub height: f32,
    /// What is drawn, from back to front.
    pub shapes: Vec<Shape>,
}

impl Drawing {
    /// The width of every drawing.
    pub const WIDTH: f32 = BODY_WIDTH;
}
