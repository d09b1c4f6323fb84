//! Writes laid-out sheets as a PDF: PDF/A-2a and PDF/UA-1 as the library checks them.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, Configuration};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};

use super::font::Fonts;
use super::geometry::{PAGE_HEIGHT, PAGE_WIDTH};
use super::structure::{Bookmark, Ink, Mark, NodeId, Owner, Placed, Role, Sheets, Structure};
use super::{PaperError, Properties};

/// Writes the file.
pub(super) fn pdf(
    fonts: &Fonts,
    properties: &Properties,
    sheets: Sheets,
) -> Result<Vec<u8>, PaperError> {
    let mut document = Document::new_with(SerializeSettings {
        configuration: configuration(),
        ..SerializeSettings::default()
    });
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); sheets.structure.len()];
    for sheet in sheets.pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).expect("A4 is a valid size");
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for placed in sheet.placed {
            let identifier = surface.start_tagged(content_tag(&placed));
            for mark in &placed.marks {
                draw(&mut surface, fonts, mark);
            }
            surface.end_tagged();
            if let Owner::Node(node) = placed.owner {
                leaves[node.index()].push(identifier);
            }
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tag_tree(
        &sheets.structure,
        leaves,
        properties.language.tag(),
    ));
    document.set_outline(outline(&sheets.bookmarks));
    document.set_metadata(metadata(properties));
    document.finish().map_err(refused)
}

fn configuration() -> Configuration {
    krilla::configure::ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .expect("both standards build on PDF 1.7")
}

fn metadata(properties: &Properties) -> Metadata {
    let date = properties.date;
    Metadata::new()
        .title(properties.title.clone())
        .authors(vec![properties.author.clone()])
        .language(properties.language.tag().to_owned())
        .creator("Mein Postfach".to_owned())
        .creation_date(
            DateTime::new(date.year())
                .month(date.month())
                .day(date.day())
                .hour(0)
                .minute(0)
                .second(0)
                .utc_offset_hour(0)
                .utc_offset_minute(0),
        )
}

fn refused(error: KrillaError) -> PaperError {
    PaperError::Pdf(match error {
        KrillaError::Validation(errors) => format!("{errors:?}"),
        other => other.to_string(),
    })
}

fn content_tag(placed: &Placed) -> ContentTag<'static> {
    let is_text = placed
        .marks
        .iter()
        .all(|mark| matches!(mark, Mark::Text { .. }));
    match placed.owner {
        Owner::Artifact(kind) => ContentTag::Artifact(Artifact::with_kind(kind)),
        Owner::Node(_) if is_text => ContentTag::Span(SpanTag::empty()),
        Owner::Node(_) => ContentTag::Other,
    }
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark) {
    match mark {
        Mark::Text { x, y, ink, shaped } => {
            surface.set_fill(Some(fill(*ink)));
            let font = fonts.font(shaped.face);
            surface.draw_glyphs(
                Point::from_xy(*x, *y),
                &shaped.glyphs,
                font,
                &shaped.text,
                shaped.size,
                false,
            );
        }
        Mark::Fill { rect, ink } => {
            surface.set_fill(Some(fill(*ink)));
            fill_rects(surface, std::iter::once(*rect));
        }
        Mark::Dot { x, y, radius, ink } => {
            surface.set_fill(Some(fill(*ink)));
            if let Some(path) = circle(*x, *y, *radius) {
                surface.draw_path(&path);
            }
        }
        Mark::Qr { x, y, symbol } => {
            surface.set_fill(Some(fill(Ink::Black)));
            fill_rects(
                surface,
                symbol
                    .dark
                    .iter()
                    .map(|[dx, dy, w, h]| [x + dx, y + dy, *w, *h]),
            );
        }
    }
}

fn fill_rects(surface: &mut Surface<'_>, rects: impl Iterator<Item = [f32; 4]>) {
    let mut builder = PathBuilder::new();
    for [x, y, width, height] in rects {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            builder.push_rect(rect);
        }
    }
    let path: Option<Path> = builder.finish();
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

/// A circle of four cubic arcs.
fn circle(x: f32, y: f32, radius: f32) -> Option<Path> {
    /// Length of a quarter arc's handles in radii.
    const HANDLE: f32 = 0.552_285;
    let (r, h) = (radius, radius * HANDLE);
    let mut builder = PathBuilder::new();
    builder.move_to(x + r, y);
    builder.cubic_to(x + r, y + h, x + h, y + r, x, y + r);
    builder.cubic_to(x - h, y + r, x - r, y + h, x - r, y);
    builder.cubic_to(x - r, y - h, x - h, y - r, x, y - r);
    builder.cubic_to(x + h, y - r, x + r, y - h, x + r, y);
    builder.close();
    builder.finish()
}

fn fill(ink: Ink) -> Fill {
    let (red, green, blue) = match ink {
        Ink::Black => (0, 0, 0),
        Ink::Accent => (0x1b, 0x4b, 0x8a),
        Ink::Rule => (0x8a, 0x94, 0xa6),
        Ink::Tint => (0xe9, 0xef, 0xf7),
    };
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        ..Fill::default()
    }
}

fn tag_tree(structure: &Structure, mut leaves: Vec<Vec<Identifier>>, language: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
    for child in &structure.node(Structure::ROOT).children {
        tree.push(group(structure, *child, &mut leaves));
    }
    tree
}

fn group(structure: &Structure, id: NodeId, leaves: &mut [Vec<Identifier>]) -> TagGroup {
    let node = structure.node(id);
    let mut group = TagGroup::new(tag(&node.role));
    for leaf in std::mem::take(&mut leaves[id.index()]) {
        group.push(leaf);
    }
    for child in &node.children {
        group.push(self::group(structure, *child, leaves));
    }
    group
}

fn tag(role: &Role) -> TagKind {
    match role {
        Role::Document => Tag::Part.into(),
        Role::Heading { level, title } => Tag::Hn(
            NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN),
            Some(title.clone()),
        )
        .into(),
        Role::Paragraph => Tag::P.into(),
        Role::NumberedList => Tag::L(ListNumbering::Decimal).into(),
        Role::BulletList => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table { summary } => Tag::Table.with_summary(Some(summary.clone())).into(),
        Role::TableHead => Tag::THead.into(),
        Role::TableBody => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure { alternative } => Tag::Figure(Some(alternative.clone())).into(),
    }
}

/// Headings nest by level; a level that skips one hangs below the last that fits.
fn outline(bookmarks: &[Bookmark]) -> Outline {
    let mut outline = Outline::new();
    let mut open: Vec<(u16, OutlineNode)> = Vec::new();
    for bookmark in bookmarks {
        close(&mut open, &mut outline, bookmark.level);
        let target = XyzDestination::new(bookmark.page, Point::from_xy(0.0, bookmark.top));
        open.push((
            bookmark.level,
            OutlineNode::new(bookmark.title.clone(), target).with_open(true),
        ));
    }
    close(&mut open, &mut outline, 0);
    outline
}

/// Hangs every open node of `level` or deeper below its parent.
fn close(open: &mut Vec<(u16, OutlineNode)>, outline: &mut Outline, level: u16) {
    while let Some((_, node)) = open.pop_if(|(depth, _)| *depth >= level) {
        match open.last_mut() {
            Some((_, parent)) => parent.push_child(node),
            None => outline.push_child(node),
        }
    }
}
