//! First act: an authority with certified keys, the letter, and a citizen who enrols with it.

use postfach_crypto::enrolment::{ActivationCode, Invitation};
use postfach_crypto::statement::{ConsentClass, ContactLanguage};

use super::{Cast, Story};
use crate::calendar::end_of_day_after;
use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::letter::compose;
use crate::cli::party::consent_text;
use crate::cli::serve::KEYS;
use crate::client::book::{Book, IssuedLetter, NewEntry, PostalAddress};
use crate::client::certify::certify;
use crate::client::enrol::{ClaimOutcome, NewParty, learn_service, note_address};
use crate::client::keyfile::{self, Protection};
use crate::client::profile::{KeyFileKind, Profile, ProfileKind, Settings};
use crate::client::session::{Session, new_context};
use crate::demo::documents;
use crate::paper::{Language as PaperLanguage, activation_letter};
use crate::server::operator::certification_key;
use crate::{clock, entropy};

/// Milliseconds of two years.
const TWO_YEARS: u64 = 2 * 365 * 24 * 60 * 60 * 1000;

impl Story<'_> {
    pub(super) async fn authority(&mut self) -> Result<Session, Failure> {
        let lang = self.lang;
        let settings = self
            .settings(ProfileKind::Authority, documents::AUTHORITY)
            .await?;
        let session = self.party("authority", settings.clone()).await?;
        let keys = self.stage.data().join(KEYS);
        let key = certification_key(&keys).map_err(|error| self.broken(&error.to_string()))?;
        let code = documents::AUTHORITY_AGS.parse();
        let code = code.map_err(|_| self.broken("AGS"))?;
        let address = session.address().explained(lang)?;
        let until = postfach_crypto::ids::UnixMillis(clock::now().0 + TWO_YEARS);
        certify(&settings, &key, address, documents::AUTHORITY, code, until)
            .await
            .explained(lang)?;
        self.scene(text!(
            lang,
            "{} macht eigene Schlüssel, und der Betreiber beglaubigt öffentlich, wem sie gehören.",
            "{} makes its own keys, and the operator certifies in public whose they are.",
            documents::AUTHORITY
        ));
        Ok(session)
    }

    /// The authority writes the letter; the citizen's half of the cast enters with it.
    pub(super) async fn letter(
        &mut self,
        authority: Session,
    ) -> Result<(Cast, Invitation), Failure> {
        let lang = self.lang;
        let mut book = Book::new();
        let postal = PostalAddress {
            street: "Musterweg 12".into(),
            postcode: "92353".into(),
            city: "Postbauer-Heng".into(),
        };
        let person = NewEntry {
            reference: documents::REFERENCE.into(),
            name: documents::CITIZEN.into(),
            birth_date: "1948-04-12".into(),
            postal,
        };
        book.add(person, &mut entropy::entropy()).explained(lang)?;
        let settings = authority.profile().settings();
        let invitation = Invitation {
            service: settings.service.clone(),
            issuer: authority.address().explained(lang)?,
            root: settings.operator_root,
            code: ActivationCode::generate(&mut entropy::entropy()),
        };
        let issued_letter = IssuedLetter {
            code: invitation.code.clone(),
            issued: clock::now(),
            expires: end_of_day_after(clock::now(), 30),
        };
        let person = book.by_reference(documents::REFERENCE);
        let person = person.ok_or_else(|| self.broken("address book"))?;
        let head = documents::letterhead("Bürgerbüro");
        let line = documents::return_line().to_owned();
        let letter = compose(&invitation, &issued_letter, person, head, line);
        let pdf = activation_letter(&letter, PaperLanguage::German)
            .map_err(|error| self.broken(&error.to_string()))?;
        self.write("letter-4711.pdf", &pdf)?;
        book.issue_letter(documents::REFERENCE, issued_letter)
            .explained(lang)?;
        self.save_book(&authority, &book)?;
        self.scene(text!(
            lang,
            "{} schreibt den Brief an Kassenzeichen 4711 (letter-4711.pdf, mit Code und QR-Code).",
            "{} writes the letter to reference 4711 (letter-4711.pdf, with code and QR code).",
            documents::AUTHORITY
        ));
        let settings = Settings {
            operator_root: invitation.root, // the letter is the trust anchor
            ..self
                .settings(ProfileKind::Citizen, documents::CITIZEN)
                .await?
        };
        let citizen = self.party("citizen", settings).await?;
        let cast = Cast {
            authority,
            citizen,
            book,
        };
        Ok((cast, invitation))
    }

    pub(super) async fn enrol(
        &mut self,
        cast: &mut Cast,
        invitation: &Invitation,
    ) -> Result<(), Failure> {
        let lang = self.lang;
        cast.citizen.claim(invitation).await.explained(lang)?;
        let outcomes = cast
            .authority
            .answer_claims(&mut cast.book)
            .await
            .explained(lang)?;
        let bound = matches!(outcomes.as_slice(), [ClaimOutcome::Bound { .. }]);
        self.ensure(bound, "enrolment")?;
        self.save_book(&cast.authority, &cast.book)?;
        let (me, issuer) = (cast.citizen.address().explained(lang)?, invitation.issuer);
        let relation = cast
            .citizen
            .relation(me, issuer)
            .await
            .explained(lang)?
            .relation;
        let binding = relation.binding_in_force(clock::now()).cloned();
        let binding = binding.ok_or_else(|| self.broken("binding"))?;
        cast.citizen
            .check_own_binding(&binding)
            .await
            .explained(lang)?;
        for class in [ConsentClass::Notification, ConsentClass::Service] {
            let shown = consent_text(class, documents::AUTHORITY, lang);
            cast.citizen
                .consent(Some(issuer), class, &shown)
                .await
                .explained(lang)?;
        }
        let language = match lang {
            Language::German => ContactLanguage::German,
            Language::English => ContactLanguage::English,
        };
        cast.citizen
            .change_contact(Some(documents::MAIL_ADDRESS), language)
            .await
            .explained(lang)?;
        self.scene(text!(
            lang,
            "Frau Huber öffnet damit ihr Postfach: Der Code verlässt ihr Gerät nicht, die Behörde selbst bindet ihren Schlüssel; sie stimmt zu und nennt eine E-Mail-Adresse.",
            "Ms Huber opens her mailbox with it: the code never leaves her device, the authority itself binds her key; she consents and leaves an e-mail address."
        ));
        Ok(())
    }

    async fn settings(&self, kind: ProfileKind, name: &str) -> Result<Settings, Failure> {
        let ca = &self.stage.tls.authority;
        let (info, root) = learn_service(&self.stage.service(), Some(ca), None)
            .await
            .explained(self.lang)?;
        Ok(Settings {
            kind,
            key_file: KeyFileKind::Permissions,
            service: self.stage.service(),
            origin: info.origin,
            epoch: info.epoch,
            operator_root: root,
            address: None,
            name: Some(name.to_owned()),
            ca_file: Some(ca.clone()),
        })
    }

    /// Makes keys and registers a party.
    async fn party(&self, folder: &str, settings: Settings) -> Result<Session, Failure> {
        let lang = self.lang;
        let home = self.stage.folder.join(folder);
        let (mut profile, lock) = Profile::create(&home, settings).explained(lang)?;
        drop(lock);
        let party = NewParty::generate();
        let (path, mut rng) = (profile.keys_path(), entropy::entropy());
        keyfile::create(&path, &party.keys, &Protection::Permissions, &mut rng).explained(lang)?;
        note_address(&mut profile, party.address).explained(lang)?;
        let statement = party
            .key_statement(new_context(profile.settings()))
            .explained(lang)?;
        let session = Session::open(profile, party.keys).await.explained(lang)?;
        session.register(&statement).await.explained(lang)?;
        Ok(session)
    }

    pub(super) fn save_book(&self, authority: &Session, book: &Book) -> Result<(), Failure> {
        let own = authority
            .keys()
            .age_identities()
            .iter()
            .map(|key| key.recipient())
            .collect();
        let path = authority.profile().book_path();
        book.save(&path, own, &mut entropy::entropy())
            .explained(self.lang)
    }
}
