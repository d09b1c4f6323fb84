//! `postfach letter`: invite a person by post. `postfach book`: references and addresses.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use postfach_crypto::enrolment::{ActivationCode, Invitation};
use postfach_crypto::ids::{StatementHash, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::calendar::{calendar_day, end_of_day_after};
use crate::cli::context::{Context, Desk, write_output};
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{Language, date, text};
use crate::client::book::{Book, Entry, IssuedLetter, NewEntry, PostalAddress, Status};
use crate::paper::{ActivationLetter, Letterhead, activation_letter, groups_of};
use crate::{clock, entropy};

/// File in the profile folder with what stands at the top of letters.
const LETTERHEAD: &str = "letterhead.toml";
/// Days for which a letter's code counts.
const DEFAULT_DAYS: u16 = 30;

#[derive(Args)]
pub(crate) struct Letter {
    /// Your reference for the person.
    #[arg(long = "ref", value_name = "REF")]
    reference: String,
    /// Full name, where the person is not in the address book yet.
    #[arg(long, requires_all = ["birth_date", "street", "postcode", "city"])]
    name: Option<String>,
    /// Date of birth, YYYY-MM-DD.
    #[arg(long)]
    birth_date: Option<String>,
    /// Street and number.
    #[arg(long)]
    street: Option<String>,
    /// Postcode.
    #[arg(long)]
    postcode: Option<String>,
    /// City.
    #[arg(long)]
    city: Option<String>,
    /// For how many days the code counts.
    #[arg(long, default_value_t = DEFAULT_DAYS, value_parser = clap::value_parser!(u16).range(1..=365))]
    days: u16,
    /// Where to write the PDF; without it, letter-REF.pdf.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum BookCommand {
    /// List people and how far they have come.
    List,
    /// Read people from a CSV file (reference;name;birth date;street;postcode;city).
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Write people to a CSV file.
    Export {
        /// Where to; - for standard output.
        #[arg(short, long, value_name = "FILE", default_value = "-")]
        output: PathBuf,
    },
    /// Set what stands at the top of letters.
    Letterhead {
        /// Department, such as "Kämmerei".
        #[arg(long)]
        office: String,
        /// Lines with address and telephone; may be repeated.
        #[arg(long = "line")]
        lines: Vec<String>,
        /// The sender's address on one line, for the window.
        #[arg(long)]
        return_line: String,
    },
}

/// What stands at the top of letters.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LetterheadFile {
    office: String,
    lines: Vec<String>,
    return_line: String,
}

pub(crate) async fn run(arguments: Letter, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let _turn = desk.session.profile().lock().explained(lang)?;
    let mut book = desk.book(lang)?;
    let entry = person(&mut book, &arguments, lang)?;
    let issuer = desk.session.address().explained(lang)?;
    let me = desk.session.party(issuer).await.explained(lang)?;
    let name = me.certified_name().ok_or_else(|| {
        Failure::new(
            Exit::Refused,
            text!(
                lang,
                "diese Behörde ist nicht beglaubigt",
                "this authority is not certified"
            ),
            text!(
                lang,
                "beim Betreiber ein Zertifikat beantragen",
                "ask the operator for a certificate"
            ),
        )
    })?;
    let settings = desk.session.profile().settings();
    let invitation = Invitation {
        service: settings.service.clone(),
        issuer,
        root: settings.operator_root,
        code: ActivationCode::generate(&mut entropy::entropy()),
    };
    let (issued, expires) = (clock::now(), end_of_day_after(clock::now(), arguments.days));
    let head = letterhead(&desk)?;
    let letterhead = Letterhead {
        name: name.to_owned(),
        office: head.office,
        lines: head.lines,
    };
    let issued_letter = IssuedLetter {
        code: invitation.code.clone(),
        issued,
        expires,
    };
    let letter = compose(
        &invitation,
        &issued_letter,
        &entry,
        letterhead,
        head.return_line,
    );
    let pdf = activation_letter(&letter, Language::German).map_err(|error| {
        Failure::new(
            Exit::Usage,
            error.to_string(),
            text!(
                lang,
                "Name und Anschrift kürzen oder anders schreiben",
                "shorten or respell name and address"
            ),
        )
    })?;
    let reference = &arguments.reference;
    book.issue_letter(reference, issued_letter)
        .explained(lang)?;
    desk.save_book(&book, lang)?; // before the letter exists: no letter with an unknown code
    let file_name = reference.replace(|letter: char| !letter.is_alphanumeric(), "_");
    let output = arguments
        .output
        .unwrap_or_else(|| format!("letter-{file_name}.pdf").into());
    write_output(context, &output, &pdf)?;
    let (path, until) = (output.display(), date(lang, UnixMillis(expires.0 - 1)));
    context.ui.result(&json!({ "reference": reference, "letter": output, "expires": expires.0 }), || {
        text!(
            lang,
            "Brief an {reference}: {path} (gilt bis {until}). Ausdrucken, verschicken, Datei löschen.",
            "Letter to {reference}: {path} (counts until {until}). Print it, send it, delete the file."
        )
    });
    Ok(())
}

/// What the letter says, from the invitation, the person and the authority's letterhead.
pub(crate) fn compose(
    invitation: &Invitation,
    letter: &IssuedLetter,
    person: &Entry,
    authority: Letterhead,
    return_line: String,
) -> ActivationLetter {
    let fingerprint = StatementHash(invitation.root.0).to_string();
    let last_moment = UnixMillis(letter.expires.0 - 1);
    ActivationLetter {
        authority,
        return_line,
        recipient_name: person.name.clone(),
        recipient_address: person.postal_lines(),
        date: calendar_day(letter.issued),
        reference: person.reference.clone(),
        code_groups: letter
            .code
            .to_text()
            .split('-')
            .map(str::to_owned)
            .collect(),
        service_address: format!("{}/enrol", invitation.service),
        fingerprint_groups: groups_of(&fingerprint, 4),
        expires: calendar_day(last_moment),
        qr_content: invitation.to_url().to_string(),
    }
}

/// The person in the book, added from the arguments where new.
fn person(book: &mut Book, arguments: &Letter, lang: Language) -> Result<Entry, Failure> {
    if let Some(entry) = book.by_reference(&arguments.reference) {
        return Ok(entry.clone());
    }
    let fields = (
        &arguments.name,
        &arguments.birth_date,
        &arguments.street,
        &arguments.postcode,
        &arguments.city,
    );
    let (Some(name), Some(birth_date), Some(street), Some(postcode), Some(city)) = fields else {
        return Err(Failure::new(
            Exit::Usage,
            text!(
                lang,
                "das Kassenzeichen {} steht nicht im Adressbuch",
                "the reference {} is not in the address book",
                arguments.reference
            ),
            text!(
                lang,
                "--name, --birth-date, --street, --postcode und --city angeben oder „postfach book import“",
                "give --name, --birth-date, --street, --postcode and --city, or use 'postfach book import'"
            ),
        ));
    };
    let new = NewEntry {
        reference: arguments.reference.clone(),
        name: name.clone(),
        birth_date: birth_date.clone(),
        postal: PostalAddress {
            street: street.clone(),
            postcode: postcode.clone(),
            city: city.clone(),
        },
    };
    book.add(new, &mut entropy::entropy())
        .explained(lang)
        .cloned()
}

fn letterhead(desk: &Desk) -> Result<LetterheadFile, Failure> {
    let path = desk.session.profile().home().join(LETTERHEAD);
    match std::fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).map_err(|error| {
            Failure::new(
                Exit::Local,
                format!("{}: {}", path.display(), error.message()),
                "postfach book letterhead --office … --line … --return-line …",
            )
        }),
        Err(_) => Ok(LetterheadFile {
            office: String::new(),
            lines: Vec::new(),
            return_line: String::new(),
        }),
    }
}

pub(crate) async fn run_book(command: BookCommand, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let profile = context.profile()?;
    if let BookCommand::Letterhead {
        office,
        lines,
        return_line,
    } = command
    {
        let file = LetterheadFile {
            office,
            lines,
            return_line,
        };
        let text = toml::to_string(&file).expect("three plain fields");
        return write_output(context, &profile.home().join(LETTERHEAD), text.as_bytes());
    }
    let (keys, _) = context.keys(&profile)?;
    let _turn = profile.lock().explained(lang)?;
    let mut book = Book::open(&profile.book_path(), &keys.openers()).explained(lang)?;
    match command {
        BookCommand::List => list(&book, context),
        BookCommand::Import { file } => {
            let input = std::fs::File::open(&file).explained(lang)?;
            let imported = book
                .import(input, &mut entropy::entropy())
                .explained(lang)?;
            let own = keys
                .age_identities()
                .iter()
                .map(|identity| identity.recipient())
                .collect();
            book.save(&profile.book_path(), own, &mut entropy::entropy())
                .explained(lang)?;
            context.ui.result(&imported, || {
                text!(
                    lang,
                    "{} neu, {} umgezogen, {} unverändert",
                    "{} new, {} moved, {} unchanged",
                    imported.added,
                    imported.moved,
                    imported.unchanged
                )
            });
        }
        BookCommand::Export { output } => {
            let mut csv = Vec::new();
            book.export(&mut csv).explained(lang)?;
            write_output(context, &output, &csv)?;
        }
        BookCommand::Letterhead { .. } => {}
    }
    Ok(())
}

fn list(book: &Book, context: &Context) {
    let lang = context.lang();
    let now = clock::now();
    let rows: Vec<_> = book
        .entries()
        .iter()
        .map(|entry| {
            json!({
                "reference": entry.reference,
                "name": entry.name,
                "status": status_name(entry.status(now)),
                "address": entry.current().map(|bound| bound.address.to_string()),
            })
        })
        .collect();
    context.ui.result(&rows, || {
        let line = |entry: &Entry| {
            let status = status_words(entry.status(now), lang);
            format!("{:<16} {:<30} {status}", entry.reference, entry.name)
        };
        book.entries()
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    });
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Listed => "listed",
        Status::Issued => "issued",
        Status::Expired => "expired",
        Status::Bound => "bound",
        Status::Withdrawn => "withdrawn",
    }
}

fn status_words(status: Status, lang: Language) -> String {
    match status {
        Status::Listed => text!(lang, "noch kein Brief", "no letter yet"),
        Status::Issued => text!(lang, "Brief unterwegs", "letter sent"),
        Status::Expired => text!(lang, "Brief abgelaufen", "letter expired"),
        Status::Bound => text!(lang, "verbunden", "connected"),
        Status::Withdrawn => text!(lang, "zurückgenommen", "withdrawn"),
    }
}
