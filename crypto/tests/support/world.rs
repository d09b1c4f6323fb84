//! The parties, and the statements by which they come to know each other.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use postfach_crypto::age::HybridIdentity;
use postfach_crypto::enrolment::{ActivationCode, RecoverySecret};
use postfach_crypto::ids::{Address, Blind, ReceiptId, StatementHash, TextHash, UnixMillis};
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use postfach_crypto::statement::{
    AssuranceLevel, Binding, BindingMethod, Certificate, Closure, Consent, ConsentClass, Context,
    Delegation, DelegationPurpose, EnrolmentClaim, Event, Head, KeyStatement, ListHead, Person,
    Receipt, RecipientKey, Role, Signed, SignerGrant, Statement, Subject,
};
use serde_bytes::ByteBuf;

use super::public_log::PublicLog;
use super::{rng, seed};

pub const ORIGIN: &str = "postfach.example";
/// 2026-01-01T00:00:00Z.
pub const START: u64 = 1_767_225_600_000;
/// After how many statements the witnesses look.
const PUBLISH_EVERY: u64 = 5;
/// Far enough in the future.
pub const FAR: UnixMillis = UnixMillis(START + 400 * 86_400_000);

/// A party with its secrets and its key statements.
pub struct Actor {
    pub identity: SigningKey,
    pub recovery: SigningKey,
    pub age: HybridIdentity,
    pub keys: Vec<Signed<KeyStatement>>,
}

impl Actor {
    pub fn address(&self) -> Address {
        self.keys[0].address
    }

    pub fn current(&self) -> &Signed<KeyStatement> {
        self.keys.last().unwrap()
    }

    pub fn head(&self) -> ListHead {
        ListHead::of(&self.keys.iter().map(Signed::hash).collect::<Vec<_>>())
    }
}

/// Everything but the letters.
pub struct World {
    pub rng: ChaCha20Rng,
    pub time: u64,
    pub root: SigningKey,
    pub receipt_key: SigningKey,
    pub certification_key: SigningKey,
    pub delegations: Vec<Signed<Delegation>>,
    pub authority: Actor,
    /// Sends and registers for the authority.
    pub clerk: SigningKey,
    pub citizen: Actor,
    pub code: ActivationCode,
    pub person: Person,
    pub claim: Signed<EnrolmentClaim>,
    pub binding: Signed<Binding>,
    pub consent: Signed<Consent>,
    pub certificate: Signed<Certificate>,
    /// The list between citizen and authority.
    pub relation: Vec<Vec<u8>>,
    /// What the citizen said towards every authority.
    pub general: Vec<Vec<u8>>,
    /// The authority's certificates and revocations.
    pub certified: Vec<Vec<u8>>,
    /// Receipts of what is not mail.
    pub receipts: Vec<Signed<Receipt>>,
    pub log: PublicLog,
}

pub fn key(name: &str) -> SigningKey {
    SigningKey::from_seed(&seed(name))
}

pub fn blobs<B: AsRef<[u8]>>(items: &[B]) -> Vec<ByteBuf> {
    items
        .iter()
        .map(|item| ByteBuf::from(item.as_ref()))
        .collect()
}

pub fn key_blobs(keys: &[Signed<KeyStatement>]) -> Vec<ByteBuf> {
    keys.iter().map(|key| ByteBuf::from(key.bytes())).collect()
}

/// A context at a counted moment.
pub fn context_at(rng: &mut ChaCha20Rng, time: &mut u64) -> Context {
    *time += 60_000;
    let mut blind = [0; 32];
    rng.fill_bytes(&mut blind);
    Context {
        origin: ORIGIN.into(),
        epoch: 1,
        time: UnixMillis(*time),
        blind: Blind(blind),
    }
}

/// The payload of a first key statement.
pub fn first_keys(
    context: Context,
    identity: &SigningKey,
    recovery: &VerifyingKey,
    age: &HybridIdentity,
    signers: Vec<SignerGrant>,
) -> KeyStatement {
    let identity = identity.verifying_key();
    let recovery = recovery.recovery_hash();
    KeyStatement {
        context,
        address: Address::of(&identity, &recovery),
        number: 0,
        previous: None,
        identity,
        recovery,
        recipients: vec![RecipientKey::x_wing(&age.recipient().to_bytes())],
        signers,
        possession: None,
        recovered_with: None,
        home: None,
        ext: None,
    }
}

impl World {
    pub fn new() -> Self {
        let mut rng = rng("world");
        let mut time = START;
        let root = key("operator root");
        let receipt_key = key("operator receipts");
        let certification_key = key("operator certification");
        let mut delegate = |purpose, key: &SigningKey| {
            let delegation = Delegation {
                context: context_at(&mut rng, &mut time),
                purpose,
                key: key.verifying_key(),
                from: UnixMillis(START),
                until: FAR,
                ext: None,
            };
            Signed::sign(delegation, &root).unwrap()
        };
        let delegations = vec![
            delegate(DelegationPurpose::Receipt, &receipt_key),
            delegate(DelegationPurpose::Certification, &certification_key),
            delegate(DelegationPurpose::Checkpoint, &key("operator checkpoints")),
        ];
        let clerk = key("authority clerk");
        let grant = SignerGrant {
            key: clerk.verifying_key(),
            roles: vec![Role::Send, Role::Register],
            from: UnixMillis(START),
            until: None,
        };
        let mut actor = |name: &str, signers| {
            let mut recovery_rng = super::rng(&format!("{name} recovery"));
            let recovery = RecoverySecret::generate(&mut recovery_rng).recovery_key();
            let identity = key(&format!("{name} identity"));
            let age = HybridIdentity::from_seed(&seed(&format!("{name} age")));
            let first = first_keys(
                context_at(&mut rng, &mut time),
                &identity,
                &recovery.verifying_key(),
                &age,
                signers,
            );
            let first = Signed::sign(first, &identity).unwrap();
            Actor {
                identity,
                recovery,
                age,
                keys: vec![first],
            }
        };
        let authority = actor("authority", vec![grant]);
        let citizen = actor("citizen", vec![]);
        let (issuer, address) = (authority.address(), citizen.address());
        let mut context = || context_at(&mut rng, &mut time);
        let certificate = Certificate {
            context: context(),
            subject: issuer,
            name: "Markt Musterhausen".into(),
            municipality_code: "09373151".parse().unwrap(),
            from: UnixMillis(START),
            until: FAR,
            ext: None,
        };
        let certificate = Signed::sign(certificate, &certification_key).unwrap();
        let code = ActivationCode::generate(&mut super::rng("activation code"));
        let person = Person {
            salt: Blind(seed("person salt")),
            name: "Erika Mustermann".into(),
            birth_date: "1964-08-12".into(),
            reference: "4711".into(),
        };
        let claim = EnrolmentClaim {
            context: context(),
            issuer,
            address,
            key_statement: citizen.keys[0].hash(),
            code_id: code.id(),
            mac: code.claim_mac(&citizen.keys[0].hash(), ORIGIN),
            ext: None,
        };
        let claim = Signed::sign(claim, &citizen.identity).unwrap();
        let binding = Binding {
            context: context(),
            issuer,
            address,
            key_statement: citizen.keys[0].hash(),
            claim: Some(claim.hash()),
            person: person.commitment(),
            method: BindingMethod::Letter,
            assurance: AssuranceLevel::Substantial,
            until: None,
            ext: None,
        };
        let binding = Signed::sign(binding, &clerk).unwrap();
        let consent = Consent {
            context: context(),
            citizen: address,
            authority: Some(issuer),
            class: ConsentClass::Service,
            text: TextHash::of("Ich willige in die elektronische Zustellung ein."),
            from: UnixMillis(START),
            ext: None,
        };
        let consent = Signed::sign(consent, &citizen.identity).unwrap();
        let mut world = Self {
            rng,
            time,
            root,
            receipt_key,
            certification_key,
            delegations,
            authority,
            clerk,
            citizen,
            code,
            person,
            relation: vec![
                claim.bytes().to_vec(),
                binding.bytes().to_vec(),
                consent.bytes().to_vec(),
            ],
            general: Vec::new(),
            certified: vec![certificate.bytes().to_vec()],
            claim,
            binding,
            consent,
            certificate,
            receipts: Vec::new(),
            log: PublicLog::new(key("operator checkpoints")),
        };
        world.log.publish(UnixMillis(world.time));
        for accepted in [
            world.authority.keys[0].bytes().to_vec(),
            world.citizen.keys[0].bytes().to_vec(),
            world.certificate.bytes().to_vec(),
            world.claim.bytes().to_vec(),
            world.binding.bytes().to_vec(),
            world.consent.bytes().to_vec(),
        ] {
            world.accept(&accepted);
        }
        world
    }

    /// The next moment.
    pub fn context(&mut self) -> Context {
        context_at(&mut self.rng, &mut self.time)
    }

    /// A receipt with nothing but events; the caller adds the rest.
    pub fn receipt(&mut self, events: Vec<Event>) -> Receipt {
        let context = self.context();
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        Receipt {
            context,
            id: ReceiptId(id),
            events,
            header: None,
            answers: None,
            certificate: None,
            binding: None,
            previous: None,
            reasons: None,
            checkpoint: self.log.newest(),
            legal_rule: None,
            ext: None,
        }
    }

    /// The server accepts a statement that is not mail.
    pub fn accept(&mut self, statement: &[u8]) {
        let mut receipt = self.receipt(vec![Event::StatementAcceptance]);
        receipt.answers = Some(StatementHash::of(statement));
        let receipt = Signed::sign(receipt, &self.receipt_key).unwrap();
        self.log([statement, receipt.bytes()]);
        self.receipts.push(receipt);
    }

    /// Statements are logged; the witnesses look every few statements.
    pub fn log<'s>(&mut self, statements: impl IntoIterator<Item = &'s [u8]>) {
        for statement in statements {
            self.log.append(statement);
        }
        let seen = self.log.cosigned.last().map_or(0, |it| it.head().size);
        if self.log.head().size >= seen + PUBLISH_EVERY {
            self.publish();
        }
    }

    /// The witnesses look, a second after what was said last.
    pub fn publish(&mut self) {
        self.log.publish(UnixMillis(self.time + 1000));
    }

    /// Appends a statement to the list between citizen and authority, and accepts it.
    pub fn relate<S: Statement>(&mut self, statement: &Signed<S>) {
        self.relation.push(statement.bytes().to_vec());
        self.accept(statement.bytes());
    }

    /// The citizen closes the mailbox.
    pub fn close(&mut self) {
        let closure = Closure {
            context: self.context(),
            citizen: self.citizen.address(),
            ext: None,
        };
        let closure = Signed::sign(closure, &self.citizen.identity).unwrap();
        self.general.push(closure.bytes().to_vec());
        self.accept(closure.bytes());
    }

    /// Signs the head of a list of statements as it is now.
    pub fn head<B: AsRef<[u8]>>(&mut self, subject: Subject, list: &[B]) -> Signed<Head> {
        let hashes: Vec<_> = list
            .iter()
            .map(|bytes| StatementHash::of(bytes.as_ref()))
            .collect();
        let head = Head {
            context: self.context(),
            subject,
            head: ListHead::of(&hashes),
            checkpoint: None,
            ext: None,
        };
        Signed::sign(head, &self.receipt_key).unwrap()
    }

    /// The next key statement of a party: the old payload with number, predecessor and context of
    /// the next, for the caller to change and sign.
    pub fn next_keys(&mut self, before: &Signed<KeyStatement>) -> KeyStatement {
        KeyStatement {
            context: self.context(),
            number: before.number + 1,
            previous: Some(before.hash()),
            possession: None,
            recovered_with: None,
            ..before.payload().clone()
        }
    }
}
