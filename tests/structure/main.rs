//! The structure of the workspace, held by a test instead of by hope.
//!
//! Imports point one way: `crypto` ← `storage` ← the root package. Each technology is named in one place, the core
//! is pure, signatures are checked strictly, what is unsafe is listed and explained. A breach is printed as `file:line: why`.
//! ARCHITECTURE.md draws the map; STYLE.md holds the rules that are quoted here.
//!
//! Absent: what the compiler and clippy already refuse (`unwrap`, prints, unused items).

mod source;

use source::{Source, files};
use std::path::Path;
use std::sync::LazyLock;

/// Longer than 500 lines, with the reason why the file is still one idea.
const LONG_FILES: &[(&str, &str)] = &[];
const LONG: usize = 500;

/// Which packages may have a dependency. Packages are named by the folder of their manifest, "" is the root.
const OWNED_DEPENDENCIES: &[(&[&str], &[&str], &str)] = &[
    (
        &["postfach-storage", "mein-postfach"],
        &["", "benches", "fuzz"],
        "imports point one way: crypto <- storage <- root",
    ),
    (
        &["sled", "object_store", "tokio-postgres", "postgres", "sqlx"],
        &["storage"],
        "only storage knows how bytes are kept",
    ),
    (
        &[
            "hyper",
            "hyper-util",
            "axum",
            "tower",
            "tower-http",
            "rustls",
            "tokio-rustls",
        ],
        &["", "benches"],
        "only the root package speaks HTTP and TLS",
    ),
    (
        &[
            "serde_cbor",
            "hpke",
            "x25519-dalek",
            "ed25519-dalek",
            "chacha20",
            "chacha20poly1305",
        ],
        &["crypto", "fuzz"],
        "only crypto names the cryptography and the encoding",
    ),
];

/// Modules of `std` that would give the core a clock, a socket, a thread, a file or an environment (rule 5).
const IMPURE_MODULES: &[&str] = &["env", "fs", "net", "os", "process", "thread"];
/// Words with the same effect, and globals.
const IMPURE_WORDS: &[&str] = &[
    "Instant",
    "SystemTime",
    "OnceLock",
    "LazyLock",
    "thread_local",
    "getrandom",
    "SysRng",
    "OsRng",
    "tokio",
];

/// The files that may hold unsafe code, and what for.
const UNSAFE_FILES: &[(&str, &str)] = &[
    (
        "crypto/src/age/chunk_cipher/poly1305_ifma.rs",
        "calls a function that is compiled for AVX-512 IFMA",
    ),
    ("benches/src/libsodium.rs", "calls a peer written in C"),
];

#[test]
fn imports_point_one_way() {
    let mut breaches = Vec::new();
    for (path, text) in manifests() {
        let package = path.trim_end_matches("Cargo.toml").trim_end_matches('/');
        for (line, dependency) in dependencies(&text) {
            for (names, owners, why) in OWNED_DEPENDENCIES {
                if names.contains(&dependency.as_str()) && !owners.contains(&package) {
                    breaches.push(format!("{path}:{line}: {dependency}: {why}"));
                }
            }
        }
    }
    report(&breaches);
}

#[test]
fn one_module_names_serde_cbor() {
    let why = "only crypto/src/codec.rs names serde_cbor; its rules make the encoding canonical";
    let mut breaches = Vec::new();
    for source in SOURCES
        .iter()
        .filter(|source| source.path != "crypto/src/codec.rs")
    {
        breaches.extend(breach(source, source.words("serde_cbor"), why));
    }
    report(&breaches);
}

#[test]
fn the_core_is_pure() {
    let why =
        "the core has no clock, socket, thread, file, environment or global (STYLE.md, rule 5)";
    let mut breaches = Vec::new();
    for source in SOURCES
        .iter()
        .filter(|source| source.path.starts_with("crypto/") && !source.is_test())
    {
        for (at, module) in source.std_modules() {
            if IMPURE_MODULES.contains(&module.as_str()) {
                breaches.push(format!("{}: std::{module}: {why}", source.place(at)));
            }
        }
        for word in IMPURE_WORDS {
            breaches.extend(
                source
                    .words(word)
                    .map(|at| format!("{}: {word}: {why}", source.place(at))),
            );
        }
        breaches.extend(breach(source, source.words("static mut"), why));
    }
    report(&breaches);
}

#[test]
fn one_module_signs_and_verifies() {
    let why = "only crypto/src/keys.rs names ed25519-dalek, and verifies with verify_strict: the lenient check \
               accepts keys of small order";
    let mut breaches = Vec::new();
    for source in SOURCES.iter().filter(|source| !source.is_test()) {
        let keys = source.path == "crypto/src/keys.rs";
        if !keys {
            breaches.extend(breach(source, source.words("ed25519_dalek"), why));
        } else {
            let calls = source.code.match_indices(".verify(").map(|(at, _)| at);
            breaches.extend(breach(source, calls, why));
        }
        breaches.extend(breach(source, source.words("Verifier"), why));
    }
    report(&breaches);
}

/// Every package denies unsafe code, and a file that allows it after all is listed above and says why in a paragraph of
/// its module documentation that begins with "Unsafe:".
#[test]
fn unsafe_code_is_listed_and_explained() {
    let mut breaches = Vec::new();
    for (path, text) in manifests() {
        let inherits = path != "Cargo.toml" && text.contains("[lints]\nworkspace = true");
        let says = ["deny", "forbid"]
            .iter()
            .any(|level| text.contains(&format!("unsafe_code = \"{level}\"")));
        if !inherits && !says {
            breaches.push(format!(
                "{path}:1: say [lints] workspace = true, which denies unsafe code"
            ));
        }
    }
    for source in SOURCES.iter() {
        let listed = UNSAFE_FILES.iter().any(|(path, _)| *path == source.path);
        if !listed || !source.text.contains("//! Unsafe:") {
            breaches.extend(breach(
                source,
                source.words("unsafe"),
                "list the file in UNSAFE_FILES, and say why in its module documentation, as \"Unsafe: …\"",
            ));
        }
    }
    report(&breaches);
}

#[test]
fn names_say_what_a_thing_is() {
    let mut breaches = Vec::new();
    for source in SOURCES.iter() {
        let vague = ["util", "utils", "helper", "helpers", "manager", "misc"];
        let mut parts = source.path.trim_end_matches(".rs").split('/');
        if parts.any(|part| vague.contains(&part)) {
            breaches.push(format!(
                "{}:1: name the idea (STYLE.md, rule 24)",
                source.path
            ));
        }
        let getters = source.code.match_indices("fn get_");
        breaches.extend(
            getters.map(|(at, _)| format!("{}: no get_ (STYLE.md, rule 24)", source.place(at))),
        );
    }
    report(&breaches);
}

/// Warns only: a long file is a question, not a fault (rule 6). `make structure` shows the answers wanted.
#[test]
fn files_are_one_idea() {
    for source in SOURCES.iter() {
        let excused = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        if source.line_count > LONG && !excused {
            println!(
                "warning: {}:{LONG}: {} lines; look for the second idea, or give the reason in LONG_FILES",
                source.path, source.line_count
            );
        }
    }
}

/// Documents name tests as proof; a name that no function has proves nothing.
#[test]
fn tests_named_in_documents_exist() {
    let mut missing = Vec::new();
    for (path, text) in read(".md") {
        if !["ARCHITECTURE.md", "SECURITY.md", "docs/threat-model.md"].contains(&path.as_str()) {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let names = line.split('`').skip(1).step_by(2).filter(|name| {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                name.chars().all(plain) && name.matches('_').count() > 1
            });
            for name in names {
                let function = format!("fn {name}(");
                if !SOURCES.iter().any(|source| source.text.contains(&function)) {
                    missing.push(format!("{path}:{}: no function {name}", index + 1));
                }
            }
        }
    }
    report(&missing);
}

/// The rules above are only as good as the reading of the source below them.
#[test]
fn comments_literals_and_tests_do_not_count() {
    let source = Source::new(
        "crypto/src/x.rs",
        "// Instant\n/* a /* nested */ Instant */ let s = \"Instant \\\" Instant\"; let c = '\"';\n\
         let r = r#\"Instant\"#; fn f<'a>(x: &'a str) {}\n\
         #[cfg(test)]\nmod tests { fn g() { Instant } }\nuse std::{io, fs::File,\n net};\nInstant",
    );
    let found: Vec<String> = source.words("Instant").map(|at| source.place(at)).collect();
    assert_eq!(found, ["crypto/src/x.rs:8"]);
    let modules: Vec<String> = source
        .std_modules()
        .into_iter()
        .map(|(_, module)| module)
        .collect();
    assert_eq!(modules, ["io", "fs", "net"]);
    assert!(
        Source::new("a.rs", "Instantly XInstant")
            .words("Instant")
            .next()
            .is_none()
    );
}

#[test]
fn dependency_tables_are_read_in_every_form() {
    let manifest = "[package]\nsled = 1\n[dependencies]\nsled.workspace = true\n# hyper = 1\n\
                    hyper = { version = \"1\" }\n[dev-dependencies.axum]\nversion = \"1\"\n[workspace.dependencies]\nring = \"1\"\n";
    let names: Vec<String> = dependencies(manifest)
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(names, ["sled", "hyper", "axum"]);
}

/// Every Rust file of the workspace, read once.
static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let files = read(".rs");
    files
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect()
});

fn manifests() -> Vec<(String, String)> {
    read("Cargo.toml")
}

fn read(ends: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(root, root, ends, &mut found);
    assert!(!found.is_empty(), "no {ends} below the workspace root");
    found
}

/// The dependencies that a manifest declares for its own package, of every kind, with their line numbers.
fn dependencies(manifest: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(table) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            let (parent, name) = table.rsplit_once('.').unwrap_or(("", table));
            inside = name.ends_with("dependencies") && parent != "workspace";
            if parent.ends_with("dependencies") && !parent.starts_with("workspace") {
                found.push((index + 1, name.to_owned()));
            }
        } else if inside && !line.starts_with('#') {
            let name: String = line
                .chars()
                .take_while(|c| !matches!(c, '.' | '=' | ' '))
                .collect();
            if !name.is_empty() {
                found.push((index + 1, name));
            }
        }
    }
    found
}

/// `file:line: why` for each offset into `source`.
fn breach<'a>(
    source: &'a Source,
    offsets: impl Iterator<Item = usize> + 'a,
    why: &'a str,
) -> impl Iterator<Item = String> + 'a {
    offsets.map(move |at| format!("{}: {why}", source.place(at)))
}

fn report(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}
