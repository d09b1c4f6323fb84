//! Reports that are written to files: which form, by the name's ending.
//!
//! Invariant: a file appears whole or not at all, readable by its owner only, since it may hold the
//! opened letter. Absent: what is said ([`super::document`]).

use std::path::{Path, PathBuf};

use super::document::Document;
use super::{html, pdf};
use crate::cli::error::{Exit, Explained, Failure};
use crate::cli::lang::text;
use crate::durable::{self, Access, Existing};

/// A file for a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    path: PathBuf,
    form: FileForm,
}

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileForm {
    Html,
    Pdf,
}

impl Destination {
    /// Reads `report.html` or `report.pdf`.
    ///
    /// # Errors
    /// Another ending, in words of both languages.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let ending = path.extension().map(|it| it.to_ascii_lowercase());
        let form = match ending.as_ref().and_then(|it| it.to_str()) {
            Some("html" | "htm") => FileForm::Html,
            Some("pdf") => FileForm::Pdf,
            _ => return Err("expected a name in .html or .pdf / erwartet: .html oder .pdf".into()),
        };
        Ok(Self { path, form })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the report over whatever has the name.
    ///
    /// # Errors
    /// What the file system or the PDF library says.
    pub fn write(&self, document: &Document) -> Result<(), Failure> {
        let lang = document.lang;
        let bytes = match self.form {
            FileForm::Html => html(document).into_bytes(),
            FileForm::Pdf => pdf(document).map_err(|error| {
                Failure::new(
                    Exit::Local,
                    text!(
                        lang,
                        "der Bericht ließ sich nicht als PDF setzen ({error})",
                        "the report could not be set as PDF ({error})"
                    ),
                    text!(
                        lang,
                        "den Bericht als .html schreiben; er sagt dasselbe",
                        "write the report as .html; it says the same"
                    ),
                )
            })?,
        };
        durable::write(&self.path, &bytes, Access::Private, Existing::Replace).explained(lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_form() {
        let form = |name: &str| Destination::parse(name).map(|it| it.form);
        assert_eq!(form("a/report.HTML"), Ok(FileForm::Html));
        assert_eq!(form("report.pdf"), Ok(FileForm::Pdf));
        for refused in ["report", "report.docx", "-", "pdf", ".pdf", ""] {
            assert!(form(refused).is_err(), "{refused}");
        }
    }
}
