//! The authority's desk, for whoever tries the pages in a browser: letters with codes, claims
//! answered as they come, and mail to whoever enrolled.
//!
//! Invariant: what needs a consent is sent only after the person gave it in the browser; each
//! person gets each letter once. Absent: anything that a real authority's client does not do.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use postfach_crypto::enrolment::{ActivationCode, Invitation};
use postfach_crypto::ids::Address;
use postfach_crypto::statement::ConsentClass;

use super::Story;
use super::letter_to;
use super::letters::{leash_letter, tax_letter};
use crate::calendar::{calendar_day, end_of_day_after};
use crate::cli::error::{Explained as _, Failure};
use crate::cli::letter::compose;
use crate::client::book::{Book, IssuedLetter, NewEntry, PostalAddress};
use crate::client::send::Letter;
use crate::client::session::Session;
use crate::demo::documents;
use crate::paper::{Language as PaperLanguage, activation_letter};
use crate::{clock, entropy};

/// How often the desk looks for claims and consents.
const LOOK: Duration = Duration::from_millis(500);
/// Reference of the first person invited to the pages; others follow.
const FIRST_REFERENCE: u32 = 5001;

/// What one person is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mail {
    Welcome,
    Tax,
    Order,
}

impl Story<'_> {
    /// Writes this many letters whose web address this machine's browser opens; answers their
    /// paths.
    pub(in crate::demo) fn invite(
        &self,
        authority: &Session,
        letters: u32,
    ) -> Result<Vec<PathBuf>, Failure> {
        let lang = self.lang;
        let mut book = self.book(authority)?;
        let mut paths = Vec::new();
        for number in 0..letters {
            let reference = (FIRST_REFERENCE + number).to_string();
            let person = NewEntry {
                reference: reference.clone(),
                name: "Erika Beispiel".into(),
                birth_date: "1985-07-21".into(),
                postal: PostalAddress {
                    street: "Beispielgasse 3".into(),
                    postcode: "92353".into(),
                    city: "Postbauer-Heng".into(),
                },
            };
            book.add(person, &mut entropy::entropy()).explained(lang)?;
            let invitation = Invitation {
                service: self.stage.local_service(),
                issuer: authority.address().explained(lang)?,
                root: authority.profile().settings().operator_root,
                code: ActivationCode::generate(&mut entropy::entropy()),
            };
            let issued = IssuedLetter {
                code: invitation.code.clone(),
                issued: clock::now(),
                expires: end_of_day_after(clock::now(), 30),
            };
            let person = book.by_reference(&reference);
            let person = person.ok_or_else(|| self.broken("address book"))?;
            let (head, line) = (
                documents::letterhead("Bürgerbüro"),
                documents::return_line(),
            );
            let letter = compose(&invitation, &issued, person, head, line.to_owned());
            let pdf = activation_letter(&letter, PaperLanguage::German)
                .map_err(|error| self.broken(&error.to_string()))?;
            paths.push(self.write(&format!("letter-{reference}.pdf"), &pdf)?);
            book.issue_letter(&reference, issued).explained(lang)?;
        }
        self.save_book(authority, &book)?;
        Ok(paths)
    }

    /// Works at the desk for as long as it is polled. What fails is tried again at the next look.
    pub(in crate::demo) async fn work_at_the_desk(&self, authority: &Session) -> Failure {
        let mut sent = BTreeSet::new();
        loop {
            if let Err(failure) = self.look(authority, &mut sent).await {
                self.context.ui.say(&failure.what);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn look(
        &self,
        authority: &Session,
        sent: &mut BTreeSet<(Address, Mail)>,
    ) -> Result<(), Failure> {
        let lang = self.lang;
        let mut book = self.book(authority)?;
        let answered = authority.answer_claims(&mut book).await.explained(lang)?;
        if !answered.is_empty() {
            self.save_book(authority, &book)?;
        }
        let me = self.address(authority)?;
        let invited = |reference: &str| {
            reference
                .parse::<u32>()
                .is_ok_and(|number| number >= FIRST_REFERENCE)
        };
        for entry in book
            .entries()
            .iter()
            .filter(|entry| invited(&entry.reference))
        {
            let Some(bound) = entry.bindings.last() else {
                continue;
            };
            let person = bound.address;
            let relation = authority.relation(person, me).await.explained(lang)?;
            if relation.general.closure.is_some() {
                continue; // from now on the person gets paper
            }
            let consented = |class| relation.consent_in_force(class, clock::now()).is_some();
            let due = [
                (Mail::Welcome, true),
                (Mail::Tax, consented(ConsentClass::Notification)),
                (Mail::Order, consented(ConsentClass::Service)),
            ];
            for (mail, _) in due.into_iter().filter(|(_, due)| *due) {
                if sent.contains(&(person, mail)) {
                    continue;
                }
                let letter = self.mail(mail, person)?;
                self.send(authority, &letter).await?;
                sent.insert((person, mail));
            }
        }
        Ok(())
    }

    fn mail(&self, mail: Mail, person: Address) -> Result<Letter, Failure> {
        let today = calendar_day(clock::now());
        let paper = |file: Result<documents::DemoFile, _>| {
            let file = file.map_err(|_| self.broken("PDF"))?;
            self.write_document(&file)
        };
        Ok(match mail {
            Mail::Welcome => Letter {
                subject: "Willkommen in Ihrem Postfach".into(),
                text: "Guten Tag,\n\nIhr Postfach ist eröffnet. Bescheide und Schreiben des Marktes Postbauer-Heng kommen \
                       ab jetzt hier an, wenn Sie zugestimmt haben.\n\nMit freundlichen Grüßen\nIhr Bürgerbüro"
                    .into(),
                ..letter_to(person)
            },
            Mail::Tax => {
                let files = vec![
                    paper(documents::dog_tax_notice(today))?,
                    paper(documents::bylaw_excerpt(today))?,
                ];
                tax_letter(person, files)
            }
            Mail::Order => leash_letter(person, vec![paper(documents::leash_order(today, today))?]),
        })
    }

    fn book(&self, authority: &Session) -> Result<Book, Failure> {
        let path = authority.profile().book_path();
        if !path.exists() {
            return Ok(Book::new());
        }
        Book::open(&path, &authority.keys().openers()).explained(self.lang)
    }
}
