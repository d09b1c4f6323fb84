//! Puts the built pages (`web/dist/pages`, made by Vite) into the program.
//!
//! Invariant: the program builds without Node and without pages; its table of pages is empty
//! then, and the server says so (`src/server/pages`). Names and bytes come from the folder alone,
//! in the order of their names, so the same pages give the same program. `X.br` is not a page of
//! its own: it is the brotli form of `X`.
//!
//! Absent: building the pages (`make web`).

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Always there; what Vite writes into it is not. (Cargo runs this again and again for a path that
/// does not exist.)
const WATCHED: &str = "web/dist";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let dist = root.join(WATCHED).join("pages");
    println!("cargo::rerun-if-changed={WATCHED}");
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        walk(&dist, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file
            .strip_prefix(&dist)?
            .to_str()
            .ok_or("a name that is not UTF-8")?;
        if name.ends_with(".br") {
            continue;
        }
        let brotli = PathBuf::from(format!("{}.br", file.display()));
        let brotli = if files.contains(&brotli) {
            format!("Some(include_bytes!({:?}))", brotli.display().to_string())
        } else {
            "None".to_owned()
        };
        let plain = file.display().to_string();
        writeln!(
            table,
            "    Page {{ path: {:?}, plain: include_bytes!({plain:?}), brotli: {brotli} }},",
            format!("/{}", name.replace('\\', "/"))
        )?;
    }
    table.push_str("]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("pages.rs"), table)?;
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
