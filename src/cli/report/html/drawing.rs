//! A drawing as inline SVG with its text alternative.

use maud::{Markup, html as markup};

use crate::paper::{Anchor, Drawing, Shape, Tone, Weight};

pub(super) fn figure(id: &str, drawing: &Drawing) -> Markup {
    let (width, height) = (Drawing::WIDTH, drawing.height);
    let (named, view) = (format!("{id}-alt"), format!("0 0 {width:.1} {height:.1}"));
    markup! {
        figure {
            svg xmlns="http://www.w3.org/2000/svg" viewBox=(view) role="img" aria-labelledby=(named)
                font-family="Noto Sans, system-ui, sans-serif" {
                title id=(named) { (drawing.alternative) }
                @for shape in &drawing.shapes { (self::shape(shape)) }
            }
        }
    }
}

fn shape(shape: &Shape) -> Markup {
    match shape {
        Shape::Bar {
            rect: [x, y, width, height],
            tone,
        } => markup! {
            rect x=(x) y=(y) width=(width) height=(height) fill=(colour(*tone)) {}
        },
        Shape::Dot {
            centre: [x, y],
            radius,
            tone,
        } => markup! { circle cx=(x) cy=(y) r=(radius) fill=(colour(*tone)) {} },
        Shape::Words {
            at: [x, y],
            anchor,
            size,
            weight,
            tone,
            text,
        } => markup! {
            text x=(x) y=(y) font-size=(size) fill=(colour(*tone))
                text-anchor=(match anchor { Anchor::Start => "start", Anchor::Middle => "middle" })
                font-weight=(match weight { Weight::Regular => "400", Weight::Bold => "700" }) {
                (text)
            }
        },
    }
}

fn colour(tone: Tone) -> &'static str {
    match tone {
        Tone::Black => "#111111",
        Tone::Accent => "#1b4b8a",
        Tone::Grey => "#8a94a6",
        Tone::Pale => "#e9eff7",
    }
}
