//! A town: a certified authority, a citizen bound by its letter, and the real server between them.

use std::path::Path;

use postfach::api::resources::{AcceptedStatement, Problem};
use postfach::client::book::{Book, IssuedLetter, NewEntry, PostalAddress};
use postfach::client::certify::certify;
use postfach::client::enrol::{ClaimOutcome, NewParty, note_address};
use postfach::client::error::{ClientError, Dishonest};
use postfach::client::keyfile::Keys;
use postfach::client::lists::OwnList;
use postfach::client::outbox::Prepared;
use postfach::client::profile::{KeyFileKind, Profile, ProfileKind, Settings};
use postfach::client::read::Opened;
use postfach::client::send::Letter;
use postfach::client::session::{Receipted, Session, new_context};
use postfach::entropy::entropy;
use postfach::server::limits::Limits;
use postfach::server::operator::{certification_key, load_operator};
use postfach::service::Submission;
use postfach_crypto::codec;
use postfach_crypto::enrolment::{ActivationCode, Invitation};
use postfach_crypto::ids::{Address, StatementHash, UnixMillis};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{ConsentClass, DeliveryClass, EnvelopeHeader, Signed};
use postfach_storage::embedded::Options;
use tempfile::TempDir;

use crate::relay::Relay;
use crate::support::{World, small_store};

pub const AUTHORITY: &str = "Markt Postbauer-Heng";
pub const REFERENCE: &str = "4711";
const DAY: u64 = 24 * 60 * 60 * 1000;

pub struct Town {
    pub world: World,
    pub relay: Relay,
    pub folder: TempDir,
    pub authority: Session,
    pub citizen: Session,
    pub book: Book,
}

impl Town {
    /// Everybody is there, enrolled, and has consented to everything.
    pub async fn found() -> Self {
        Self::strangers().await.enrolled().await.consenting().await
    }

    /// Everybody is there and enrolled; no consent was given.
    pub async fn unconsented() -> Self {
        Self::strangers().await.enrolled().await
    }

    /// The citizen enrols with a letter of the authority.
    pub async fn enrolled(mut self) -> Self {
        let invitation = self.letter(REFERENCE);
        self.citizen.claim(&invitation).await.unwrap();
        let outcomes = self.answer().await;
        assert!(matches!(outcomes.as_slice(), [ClaimOutcome::Bound { .. }]));
        self
    }

    /// The citizen consents to everything.
    pub async fn consenting(self) -> Self {
        self.consent(ConsentClass::Notification).await;
        self.consent(ConsentClass::Service).await;
        self
    }

    /// Authority and citizen are there and do not know each other.
    pub async fn strangers() -> Self {
        Self::around(async |public| {
            let folder = tempfile::tempdir().unwrap();
            World::start_in(folder, Limits::default(), &small_store(), Some(public)).await
        })
        .await
    }

    /// The same around a server of one's own, which clients know by this name.
    pub async fn around(start: impl AsyncFnOnce(String) -> World) -> Self {
        let (relay, listener) = Relay::bind().await;
        let world = start(format!("localhost:{}", relay.address.port())).await;
        relay.connect(world.address, world.client());
        relay.serve(listener, &world.folder().join("tls"));
        let folder = tempfile::tempdir().unwrap();
        let authority = party(&world, folder.path(), "authority", ProfileKind::Authority).await;
        certify_party(&world, &authority, AUTHORITY).await;
        let citizen = party(&world, folder.path(), "citizen", ProfileKind::Citizen).await;
        Self {
            world,
            relay,
            folder,
            authority,
            citizen,
            book: Book::new(),
        }
    }

    /// One more citizen.
    pub async fn person(&self, name: &str) -> Session {
        party(&self.world, self.folder.path(), name, ProfileKind::Citizen).await
    }

    /// One more authority, certified.
    pub async fn office(&self, name: &str) -> Session {
        let session = party(
            &self.world,
            self.folder.path(),
            name,
            ProfileKind::Authority,
        )
        .await;
        certify_party(&self.world, &session, name).await;
        session
    }

    /// An activation letter to a reference, which is added where it is missing.
    pub fn letter(&mut self, reference: &str) -> Invitation {
        self.letter_until(reference, UnixMillis(postfach::clock::now().0 + DAY))
    }

    pub fn letter_until(&mut self, reference: &str, expires: UnixMillis) -> Invitation {
        if self.book.by_reference(reference).is_none() {
            let entry = NewEntry {
                reference: reference.into(),
                name: "Maria Huber".into(),
                birth_date: "1948-04-12".into(),
                postal: PostalAddress {
                    street: "Musterweg 12".into(),
                    postcode: "92353".into(),
                    city: "Postbauer-Heng".into(),
                },
            };
            self.book.add(entry, &mut entropy()).unwrap();
        }
        let code = ActivationCode::generate(&mut entropy());
        let issued = UnixMillis(postfach::clock::now().0.min(expires.0));
        let letter = IssuedLetter {
            code: code.clone(),
            issued,
            expires,
        };
        self.book.issue_letter(reference, letter).unwrap();
        let settings = self.authority.profile().settings();
        Invitation {
            service: settings.service.clone(),
            issuer: self.authority.address().unwrap(),
            root: settings.operator_root,
            code,
        }
    }

    /// The authority answers the claims that wait for it.
    pub async fn answer(&mut self) -> Vec<ClaimOutcome> {
        self.authority.answer_claims(&mut self.book).await.unwrap()
    }

    pub async fn consent(&self, class: ConsentClass) {
        let authority = self.authority.address().unwrap();
        let shown = "the text that was shown";
        self.citizen
            .consent(Some(authority), class, shown)
            .await
            .unwrap();
    }

    /// A letter to the citizen.
    pub fn to_citizen(&self) -> Letter {
        letter_to(self.citizen.address().unwrap())
    }

    /// A registered letter to the citizen.
    pub fn registered(&self) -> Letter {
        Letter {
            class: DeliveryClass::Registered,
            legal_rule: Some("BayDiG-25".into()),
            ..self.to_citizen()
        }
    }

    /// Writes a file to attach.
    pub fn file(&self, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// How many statements the server holds; what was refused must not change it.
    pub async fn stored(&self) -> u64 {
        self.world.service.healthy().await.unwrap()
    }

    /// Submits an envelope and asserts that this problem is the answer and nothing was stored.
    pub async fn refused_envelope(&self, bytes: Vec<u8>, code: &str) {
        let before = self.stored().await;
        for _ in 0..2 {
            let answer = self.submit_envelope(bytes.clone()).await;
            assert_eq!(answer.unwrap_err().code(), code);
        }
        assert_eq!(self.stored().await, before, "something was stored");
    }

    pub async fn submit_envelope(&self, bytes: Vec<u8>) -> Result<AcceptedStatement, Problem> {
        let client = self.world.client();
        answer_of(self.world.post_envelope(&client, bytes).await).await
    }

    /// Submits a statement and asserts that this problem is the answer and nothing was stored.
    pub async fn refused_statement(&self, bytes: &[u8], code: &str) {
        let before = self.stored().await;
        for _ in 0..2 {
            let answer = self.submit_statement(bytes).await;
            assert_eq!(answer.unwrap_err().code(), code);
        }
        assert_eq!(self.stored().await, before, "something was stored");
    }

    pub async fn submit_statement(&self, bytes: &[u8]) -> Result<AcceptedStatement, Problem> {
        let client = self.world.client();
        answer_of(self.world.post_statement(&client, bytes).await).await
    }

    /// Stops the server, lets `between` at its folder, and starts it again.
    pub async fn restart(&mut self, options: &Options, between: impl FnOnce(&Path)) {
        let public = self.world.authority.clone();
        let empty = World::start(Limits::default()).await;
        let world = std::mem::replace(&mut self.world, empty);
        let folder = world.into_folder().await;
        between(folder.path());
        self.world = World::start_in(folder, Limits::default(), options, Some(public)).await;
        self.relay.connect(self.world.address, self.world.client());
    }

    /// The operator's receipt key, for a test that lies with it.
    pub fn receipt_key(&self) -> SigningKey {
        load_operator(&self.world.folder().join("keys"))
            .unwrap()
            .receipt
    }

    /// A folder to save attachments in.
    pub fn saved(&self, name: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(format!("saved-{name}"));
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}

async fn answer_of(answer: reqwest::Response) -> Result<AcceptedStatement, Problem> {
    let ok = answer.status().is_success();
    let body = answer.bytes().await.unwrap();
    if ok {
        Ok(serde_json::from_slice(&body).unwrap())
    } else {
        Err(serde_json::from_slice(&body).unwrap())
    }
}

/// A party with its profile in a folder of its own, registered.
pub async fn party(world: &World, folder: &Path, name: &str, kind: ProfileKind) -> Session {
    let party = NewParty::generate();
    let session = session(
        world,
        &folder.join(name),
        kind,
        party.keys.clone(),
        party.address,
    )
    .await;
    let statement = party
        .key_statement(new_context(session.profile().settings()))
        .unwrap();
    session.register(&statement).await.unwrap();
    session
}

/// A session with a new profile for keys that exist already.
pub async fn session(
    world: &World,
    home: &Path,
    kind: ProfileKind,
    keys: Keys,
    address: Address,
) -> Session {
    let settings = Settings {
        kind,
        key_file: KeyFileKind::Permissions,
        service: format!("https://{}", world.authority),
        origin: world.service.operator().origin().to_owned(),
        epoch: world.service.epoch(),
        operator_root: world.service.operator().root(),
        address: None,
        name: None,
        ca_file: Some(world.root_certificate.clone()),
    };
    let (mut profile, lock) = Profile::create(home, settings).unwrap();
    drop(lock);
    note_address(&mut profile, address).unwrap();
    Session::open(profile, keys).await.unwrap()
}

/// A session over the same profile with other keys.
pub async fn reopened(session: &Session, keys: Keys) -> Session {
    Session::open(session.profile().clone(), keys)
        .await
        .unwrap()
}

pub async fn certify_party(world: &World, party: &Session, name: &str) {
    let key = certification_key(&world.folder().join("keys")).unwrap();
    let until = UnixMillis(postfach::clock::now().0 + 365 * DAY);
    let settings = party.profile().settings();
    let code = "09373155".parse().unwrap();
    certify(settings, &key, party.address().unwrap(), name, code, until)
        .await
        .unwrap();
}

pub fn letter_to(recipient: Address) -> Letter {
    Letter {
        recipient,
        class: DeliveryClass::Ordinary,
        legal_rule: None,
        acceptance_until: None,
        subject: "Bescheid".into(),
        text: "Guten Tag".into(),
        files: Vec::new(),
        in_reply_to: None,
        replies: None,
        act: None,
        set: None,
        copy_of: None,
    }
}

pub async fn prepare(session: &Session, letter: &Letter) -> Result<Prepared, ClientError> {
    session.prepare(letter, &mut |_, _| ()).await
}

pub async fn deliver(session: &Session, prepared: Prepared) -> Result<Receipted, ClientError> {
    session.deliver(prepared, &mut |_, _| ()).await
}

pub async fn send(session: &Session, letter: &Letter) -> Result<Receipted, ClientError> {
    deliver(session, prepare(session, letter).await?).await
}

pub async fn open(
    session: &Session,
    header: StatementHash,
    folder: &Path,
) -> Result<Opened, ClientError> {
    session.open_letter(header, folder, &mut |_, _| ()).await
}

pub async fn mailbox(session: &Session) -> Vec<StatementHash> {
    session.sync(OwnList::Mailbox).await.unwrap()
}

/// The submission of a prepared letter as it lies in the outbox.
pub fn submission(session: &Session, prepared: &Prepared) -> Submission {
    let folder = session.profile().outbox_folder();
    let folder = folder.join(prepared.header.envelope_id.to_string());
    let bytes = std::fs::read(folder.join("submission.cbor")).unwrap();
    codec::decode(&bytes, bytes.len()).unwrap()
}

/// The submission under a header that was changed and signed again by `key`.
pub fn resigned(
    prepared: &Prepared,
    submission: &Submission,
    key: &SigningKey,
    change: impl FnOnce(&mut EnvelopeHeader),
) -> Vec<u8> {
    let mut header = prepared.header.payload().clone();
    change(&mut header);
    let header = Signed::sign(header, key).unwrap();
    codec::encode(&Submission {
        header: header.bytes().to_vec(),
        ..submission.clone()
    })
}

/// The code of the problem that the server answered with.
#[track_caller]
pub fn refusal<T>(result: Result<T, ClientError>) -> String {
    match result {
        Err(ClientError::Refused(problem)) => {
            assert!(!problem.detail.is_empty() && !problem.detail_de.is_empty());
            problem.code().to_owned()
        }
        Err(other) => panic!("not refused but: {other}"),
        Ok(_) => panic!("not refused"),
    }
}

/// The lie that the client named.
#[track_caller]
pub fn lie<T>(result: Result<T, ClientError>) -> Dishonest {
    match result {
        Err(ClientError::Dishonest(lie)) => lie,
        Err(other) => panic!("not caught but: {other}"),
        Ok(_) => panic!("not caught"),
    }
}
