//! What every verb starts from: the profile, its unlocked keys, a session with the server.

use std::path::{Path, PathBuf};

use postfach_crypto::age::Passphrase;

use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::Language;
use crate::cli::passphrase::PassphraseSource;
use crate::cli::ui::{Progress, Ui};
use crate::client::book::Book;
use crate::client::keyfile::{self, KeyFile, Keys, Protection};
use crate::client::profile::{KeyFileKind, Profile, home_folder};
use crate::client::session::Session;
use crate::durable::{self, Access, Existing};
use crate::entropy;

/// What the global options say.
pub(crate) struct Context {
    /// How to talk.
    pub(crate) ui: Ui,
    /// `--home`.
    pub(crate) home: Option<PathBuf>,
    /// Where passphrases come from.
    pub(crate) passphrases: PassphraseSource,
}

/// An unlocked profile at its server.
pub(crate) struct Desk {
    /// The session.
    pub(crate) session: Session,
    /// How its key file is protected, to write it again.
    pub(crate) protection: Protection,
}

impl Context {
    /// The person's language.
    pub(crate) fn lang(&self) -> Language {
        self.ui.lang()
    }

    /// The profile folder.
    pub(crate) fn home(&self) -> Result<PathBuf, Failure> {
        let variable = std::env::var("POSTFACH_HOME").ok();
        home_folder(self.home.as_deref(), variable.as_deref()).explained(self.lang())
    }

    /// The profile.
    pub(crate) fn profile(&self) -> Result<Profile, Failure> {
        Profile::open(&self.home()?).explained(self.lang())
    }

    /// The private keys, unlocked.
    pub(crate) fn keys(&self, profile: &Profile) -> Result<(Keys, Protection), Failure> {
        let lang = self.lang();
        match KeyFile::read(&profile.keys_path()).explained(lang)? {
            KeyFile::Open(keys) => Ok((keys, Protection::Permissions)),
            KeyFile::Sealed(sealed) => {
                let passphrase = self.passphrases.existing(&self.ui)?;
                let keys = sealed.unlock(&passphrase).explained(lang)?;
                Ok((keys, Protection::Passphrase(passphrase)))
            }
        }
    }

    /// How a new key file is to be protected.
    pub(crate) fn new_protection(&self, kind: KeyFileKind) -> Result<Protection, Failure> {
        match kind {
            KeyFileKind::Permissions => Ok(Protection::Permissions),
            KeyFileKind::Passphrase => {
                let passphrase: Passphrase = self
                    .passphrases
                    .for_new(&self.ui, &mut entropy::entropy())?;
                Ok(Protection::Passphrase(passphrase))
            }
        }
    }

    /// An unlocked profile at its server.
    pub(crate) async fn desk(&self) -> Result<Desk, Failure> {
        let profile = self.profile()?;
        let (keys, protection) = self.keys(&profile)?;
        let session = Session::open(profile, keys).await.explained(self.lang())?;
        Ok(Desk {
            session,
            protection,
        })
    }

    /// A function that shows progress once its total is known.
    pub(crate) fn progress(&self, label: &str) -> impl FnMut(u64, u64) + Send + use<> {
        let (ui, label) = (self.ui.clone(), label.to_owned());
        let mut shown: Option<Progress> = None;
        move |done, total| {
            shown
                .get_or_insert_with(|| ui.progress(&label, total))
                .set(done);
        }
    }
}

impl Desk {
    /// Replaces the key file; the version before stays as `.old`.
    pub(crate) fn save_keys(&self, keys: &Keys, lang: Language) -> Result<(), Failure> {
        let path = self.session.profile().keys_path();
        keyfile::replace(&path, keys, &self.protection, &mut entropy::entropy()).explained(lang)
    }

    /// The authority's address book.
    pub(crate) fn book(&self, lang: Language) -> Result<Book, Failure> {
        let path = self.session.profile().book_path();
        Book::open(&path, &self.session.keys().openers()).explained(lang)
    }

    /// Writes the address book.
    pub(crate) fn save_book(&self, book: &Book, lang: Language) -> Result<(), Failure> {
        let own = self
            .session
            .keys()
            .age_identities()
            .iter()
            .map(|identity| identity.recipient())
            .collect();
        let path = self.session.profile().book_path();
        book.save(&path, own, &mut entropy::entropy())
            .explained(lang)
    }
}

/// Writes a file that the person asked for, and says where it is.
pub(crate) fn write_output(context: &Context, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_output_over(context, path, bytes, Existing::Replace)
}

/// As [`write_output`], where the file that stands there may matter.
pub(crate) fn write_output_over(
    context: &Context,
    path: &Path,
    bytes: &[u8],
    existing: Existing,
) -> Result<(), Failure> {
    if path == Path::new("-") {
        context.ui.print(bytes);
        return Ok(());
    }
    durable::write(path, bytes, Access::Private, existing).explained(context.lang())
}
