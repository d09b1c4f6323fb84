//! Rust source reduced to its code, so that a rule never fires on a comment, a string or a test.
//!
//! What is removed is replaced by blanks, byte for byte, so line numbers stay true. This is no parser: it knows
//! comments, literals, balanced braces and `#[cfg(test)]`, which is all the rules need.

use std::{fs, path::Path};

/// One file of the workspace, named by its path from the workspace root with forward slashes.
pub(super) struct Source {
    pub(super) path: String,
    /// As it stands in the file.
    pub(super) text: String,
    /// Code without comments, literals and `#[cfg(test)]` items.
    pub(super) code: String,
    pub(super) line_count: usize,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&without_comments_and_literals(text));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            line_count: text.lines().count(),
        }
    }

    /// Test code: integration tests, benchmarks' and fuzz targets' crates, and `tests.rs` modules.
    pub(super) fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| matches!(part, "tests" | "tests.rs"))
    }

    /// Offsets at which `word` stands as a whole word.
    pub(super) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(move |&at| {
                !self.code[..at].ends_with(is_part)
                    && !self.code[at + word.len()..].starts_with(is_part)
            })
    }

    /// `path:line` of an offset into `code`.
    pub(super) fn place(&self, offset: usize) -> String {
        let line = 1 + self.code[..offset].matches('\n').count();
        format!("{}:{line}", self.path)
    }

    /// The modules of `std` that the code names, in any of the forms `std::a`, `std::{a, b::C}`, with offsets.
    pub(super) fn std_modules(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for at in self.words("std") {
            let Some(rest) = self.code[at + 3..].strip_prefix("::") else {
                continue;
            };
            match rest.strip_prefix('{') {
                Some(group) => {
                    let end = closing_brace(group).unwrap_or(group.len());
                    found.extend(
                        top_level_parts(&group[..end])
                            .into_iter()
                            .map(|part| (at, part)),
                    );
                }
                None => found.push((at, first_identifier(rest))),
            }
        }
        found
    }
}

/// Every Rust file and manifest below `folder`, as (path from `root`, text); build output and installed peers apart.
pub(super) fn files(root: &Path, folder: &Path, ends: &str, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("a folder of this checkout")
        .map(|entry| entry.expect("an entry of it").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let skip =
            name.starts_with('.') || matches!(name, "target" | "node_modules" | "venv" | "cargo");
        if path.is_dir() && !skip {
            files(root, &path, ends, found);
        } else if name.ends_with(ends) {
            let relative = path.strip_prefix(root).expect("the walk starts at root");
            let text = fs::read_to_string(&path).expect("source files are UTF-8");
            found.push((relative.to_string_lossy().replace('\\', "/"), text));
        }
    }
}

fn without_comments_and_literals(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if rest.starts_with('"') {
            string(rest)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            raw_string(rest).unwrap_or(0)
        } else if rest.starts_with('\'') {
            character(rest).unwrap_or(0)
        } else {
            0
        };
        if length == 0 {
            // A raw identifier, a lifetime, or any other code: step over one character.
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        blank(&mut out[at..at + length]);
        at += length;
    }
    String::from_utf8(out).expect("whole characters were replaced by ASCII blanks")
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let tail = &rest[at..];
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else if let Some(c) = tail.chars().next() {
            at += c.len_utf8();
        } else {
            return rest.len();
        }
    }
}

fn string(rest: &str) -> usize {
    let mut escaped = true; // the opening quote is not the closing one
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest[1..].bytes().take_while(|&b| b == b'#').count();
    let body = rest[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + body.find(&end)? + end.len())
}

/// The length of a character literal; none where the quote begins a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest[1..].char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        return Some(
            1 + rest[1..]
                .char_indices()
                .skip(2)
                .find(|&(_, c)| c == '\'')?
                .0
                + 1,
        );
    }
    let (at, quote) = chars.next()?;
    (quote == '\'').then_some(1 + at + 1)
}

fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned().into_bytes();
    let mut from = 0;
    while let Some(start) = code[from..].find(MARK).map(|at| from + at) {
        let item = &code[start..];
        let end = match item.find(['{', ';']) {
            Some(at) if item[at..].starts_with('{') => {
                closing_brace(&item[at + 1..]).map_or(item.len(), |close| at + 1 + close + 1)
            }
            Some(at) => at + 1,
            None => item.len(),
        };
        blank(&mut out[start..start + end]);
        from = start + end;
    }
    String::from_utf8(out).expect("whole items were replaced by ASCII blanks")
}

/// The offset of the brace that closes a group whose opening brace stands just before `text`.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn top_level_parts(group: &str) -> Vec<String> {
    let mut depth = 0_usize;
    group
        .split(|c: char| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        })
        .map(|part| first_identifier(part.trim_start()))
        .filter(|part| !part.is_empty())
        .collect()
}

fn first_identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}
