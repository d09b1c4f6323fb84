//! What layout hands to rendering: marks at positions, and the tree that says what they mean.
//!
//! Every mark belongs to exactly one node of the tree or is an artifact (ISO 32000-1 §14.8.2.2).

use krilla::tagging::ArtifactType;

use super::font::Shaped;
use super::qr::Symbol;

/// Index of a node in [`Structure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(usize);

/// What a node is (ISO 32000-1 §14.8.4).
#[derive(Debug, Clone)]
pub(super) enum Role {
    Document,
    Heading { level: u16, title: String },
    Paragraph,
    NumberedList,
    BulletList,
    Item,
    Label,
    Body,
    Table { summary: String },
    TableHead,
    TableBody,
    Row,
    HeadCell,
    Cell,
    Figure { alternative: String },
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) role: Role,
    pub(super) children: Vec<NodeId>,
}

/// The document's tree; node 0 is its root.
#[derive(Debug)]
pub(super) struct Structure {
    nodes: Vec<Node>,
}

impl Structure {
    pub(super) const ROOT: NodeId = NodeId(0);

    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node {
                role: Role::Document,
                children: Vec::new(),
            }],
        }
    }

    pub(super) fn add(&mut self, parent: NodeId, role: Role) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            role,
            children: Vec::new(),
        });
        self.nodes[parent.0].children.push(id);
        id
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl NodeId {
    pub(super) fn index(self) -> usize {
        self.0
    }
}

/// Whose marks these are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Owner {
    Node(NodeId),
    Artifact(ArtifactType),
}

/// Ink of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    /// Dark blue, 8 : 1 against white.
    Accent,
    /// Grey for rules.
    Rule,
    /// Pale blue behind a table's heading row.
    Tint,
}

/// Something drawn.
#[derive(Debug, Clone)]
pub(super) enum Mark {
    /// Text from `x` on the baseline `y`.
    Text {
        x: f32,
        y: f32,
        ink: Ink,
        shaped: Shaped,
    },
    /// A filled rectangle: left, top, width, height. Rules are thin ones.
    Fill { rect: [f32; 4], ink: Ink },
    /// A filled circle around (`x`, `y`).
    Dot {
        x: f32,
        y: f32,
        radius: f32,
        ink: Ink,
    },
    /// A QR symbol whose top left module is at (`x`, `y`).
    Qr { x: f32, y: f32, symbol: Symbol },
}

/// Marks in drawing order, with one owner.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) owner: Owner,
    pub(super) marks: Vec<Mark>,
}

/// One page.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) placed: Vec<Placed>,
}

/// A heading for the outline.
#[derive(Debug)]
pub(super) struct Bookmark {
    pub(super) level: u16,
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) top: f32,
}

/// The laid-out document.
#[derive(Debug)]
pub(super) struct Sheets {
    pub(super) pages: Vec<Sheet>,
    pub(super) structure: Structure,
    pub(super) bookmarks: Vec<Bookmark>,
}
