//! The HTML form: well formed, inert, self-contained, accessible, and complete.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use html5ever::driver::ParseOpts;
use html5ever::tendril::TendrilSink;
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tree_builder::TreeBuilderOpts;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use postfach::cli::report::document::document;
use postfach::cli::report::html;
use postfach::paper::Language;
use sha2::{Digest, Sha256};

use crate::{LANGUAGES, MADE, examined, finding, source, spans, without_spaces};

/// What a report may consist of.
const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "section",
    "div",
    "h1",
    "h2",
    "h3",
    "p",
    "strong",
    "bdi",
    "code",
    "br",
    "dl",
    "dt",
    "dd",
    "ol",
    "ul",
    "li",
    "blockquote",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "svg",
    "rect",
    "circle",
    "text",
];
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "aria-labelledby",
    "scope",
    "role",
    "viewBox",
    "font-family",
    "x",
    "y",
    "width",
    "height",
    "fill",
    "cx",
    "cy",
    "r",
    "font-size",
    "text-anchor",
    "font-weight",
    "xmlns",
];

/// An element with its attributes and its own text.
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Parses as a browser does, and allows no parse error.
pub(crate) fn parsed(page: &str) -> Vec<Element> {
    let options = ParseOpts {
        tokenizer: TokenizerOpts {
            exact_errors: true,
            ..TokenizerOpts::default()
        },
        tree_builder: TreeBuilderOpts {
            exact_errors: true,
            ..TreeBuilderOpts::default()
        },
    };
    let dom = html5ever::parse_document(RcDom::default(), options).one(page);
    assert!(dom.errors.borrow().is_empty(), "{:?}", dom.errors.borrow());
    let mut elements = Vec::new();
    walk(&dom.document, &mut elements);
    elements
}

fn walk(node: &Handle, elements: &mut Vec<Element>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow();
        let attributes = attributes
            .iter()
            .map(|it| (it.name.local.to_string(), it.value.to_string()));
        elements.push(Element {
            name: name.local.to_string(),
            attributes: attributes.collect(),
            text: text(node),
        });
    }
    for child in node.children.borrow().iter() {
        walk(child, elements);
    }
}

fn text(node: &Handle) -> String {
    let own = match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => String::new(),
    };
    let children = node.children.borrow();
    children.iter().fold(own, |all, child| all + &text(child))
}

/// Nothing in it runs, loads, sends or leads anywhere.
pub(crate) fn assert_inert(page: &str) -> Vec<Element> {
    let elements = parsed(page);
    for element in &elements {
        assert!(
            ELEMENTS.contains(&element.name.as_str()),
            "<{}>",
            element.name
        );
        for (name, value) in &element.attributes {
            assert!(ATTRIBUTES.contains(&name.as_str()), "{name}={value}");
            assert!(name == "xmlns" || !value.contains("://"), "{name}={value}");
        }
    }
    let style = elements.iter().find(|it| it.name == "style").unwrap();
    let hash = STANDARD.encode(Sha256::digest(&style.text));
    let policy = elements
        .iter()
        .find(|it| it.attribute("http-equiv") == Some("Content-Security-Policy"))
        .and_then(|it| it.attribute("content"))
        .unwrap();
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    );
    elements
}

#[test]
fn the_page_is_inert_accessible_and_says_all() {
    let (examined, finding) = (examined(|_| {}), finding(MADE));
    for lang in LANGUAGES {
        let report = document(lang, &source(&examined, Some(&finding)));
        let page = html(&report);
        let tag = if lang == Language::German { "de" } else { "en" };
        crate::pdf::kept(&format!("report-{tag}.html"), page.as_bytes());
        let elements = assert_inert(&page);

        let named = |name: &'static str| elements.iter().filter(move |it| it.name == name);
        assert_eq!(named("html").next().unwrap().attribute("lang"), Some(tag));
        assert_eq!(named("h1").count(), 1);
        assert!(named("h2").count() >= 7);
        assert!(named("th").all(|it| matches!(it.attribute("scope"), Some("col" | "row"))));
        assert_eq!(named("table").count(), named("caption").count());
        let ids: Vec<&str> = elements
            .iter()
            .filter_map(|it| it.attribute("id"))
            .collect();
        let known: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "an id twice");
        for element in &elements {
            let label = element.attribute("aria-labelledby");
            assert!(label.is_none_or(|id| known.contains(id)));
        }
        let picture = named("svg").next().unwrap();
        assert_eq!(picture.attribute("role"), Some("img"));
        assert!(named("title").nth(1).unwrap().text.contains("1: "));

        let all = without_spaces(&elements[0].text);
        for span in spans(&report) {
            assert!(all.contains(&without_spaces(&span)), "{span}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_page() {
    let examined = examined(|_| {});
    let page = || html(&document(Language::German, &source(&examined, None)));
    assert_eq!(page(), page());
}
