//! A valid payload of every kind, drawn at random, with no, all or some of its options.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use postfach_crypto::age::HybridIdentity;
use postfach_crypto::codec;
use postfach_crypto::ids::{
    Address, AgeHeaderHash, Blind, BundleHash, EnvelopeId, ManifestHash, PayloadHash, ReceiptId,
    StatementHash, UnixMillis,
};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Acceptance, Access, Bundle, Certificate, CertificateRevocation, Context, Delegation,
    DelegationPurpose, Deletion, DeliveryClass, EnvelopeHeader, Event, Extension, Extensions,
    Failure, Genesis, HandoverRequest, Head, KeyStatement, Kind, ListHead, PartReference, Reason,
    Receipt, RecipientKey, Rejection, Role, Signed, SignerGrant, Statement, Subject, Withdrawal,
};

use super::world::{ORIGIN, START};

/// Which options a drawn payload has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Options {
    None,
    All,
    Some,
}

/// A source of values.
pub struct Draw {
    pub rng: ChaCha20Rng,
    pub options: Options,
}

/// A statement of some kind.
pub struct Sample {
    pub kind: Kind,
    pub seed: [u8; 32],
    pub payload: Vec<u8>,
    pub statement: Vec<u8>,
}

pub fn sign<S: Statement>(payload: S, seed: [u8; 32]) -> Sample {
    let encoded = codec::encode(&payload);
    let signed = Signed::sign(payload, &SigningKey::from_seed(&seed)).unwrap();
    Sample {
        kind: S::KIND,
        seed,
        payload: encoded,
        statement: signed.bytes().to_vec(),
    }
}

impl Draw {
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.rng.next_u32() as usize) % end
    }

    pub fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// At least one of `all`, in order.
    pub fn some<T: Copy>(&mut self, all: &[T]) -> Vec<T> {
        let first = self.below(all.len());
        let rest = all[first..].iter().copied();
        rest.enumerate()
            .filter_map(|(index, item)| (index == 0 || self.below(2) == 0).then_some(item))
            .collect()
    }

    pub fn option<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let present = match self.options {
            Options::None => false,
            Options::All => true,
            Options::Some => self.below(2) == 0,
        };
        present.then(|| value(self))
    }

    pub fn text(&mut self) -> String {
        let length = 1 + self.below(30);
        (0..length)
            .map(|_| self.one(&['a', 'Z', '0', ' ', 'ä', 'ß', '§', '–', '猫']))
            .collect()
    }

    pub fn time(&mut self) -> UnixMillis {
        UnixMillis(START + u64::from(self.rng.next_u32()))
    }

    pub fn period(&mut self) -> (UnixMillis, UnixMillis) {
        let from = self.time();
        (
            from,
            UnixMillis(from.0 + 1 + u64::from(self.rng.next_u32())),
        )
    }

    pub fn hash(&mut self) -> StatementHash {
        StatementHash(self.bytes())
    }

    pub fn address(&mut self) -> Address {
        Address(self.bytes())
    }

    pub fn key(&mut self) -> SigningKey {
        SigningKey::from_seed(&self.bytes())
    }

    fn list_head(&mut self) -> ListHead {
        let hashes: Vec<_> = (0..self.below(4)).map(|_| self.hash()).collect();
        ListHead::of(&hashes)
    }

    fn reasons(&mut self) -> Vec<Reason> {
        (0..=self.below(2)).map(|_| self.one(Reason::ALL)).collect()
    }

    pub fn ext(&mut self) -> Option<Extensions> {
        self.option(|draw| {
            let value = draw.bytes::<5>().to_vec();
            vec![
                Extension(1 + draw.below(9) as u64, false, value),
                Extension(10 + draw.below(1000) as u64, false, vec![]),
            ]
        })
    }

    fn context(&mut self) -> Context {
        Context {
            origin: ORIGIN.into(),
            epoch: 1 + self.below(3) as u64,
            time: self.time(),
            blind: Blind(self.bytes()),
        }
    }

    /// A payload of this kind, signed.
    pub fn statement(&mut self, kind: Kind) -> Sample {
        let seed = self.bytes();
        let context = self.context();
        match kind {
            Kind::Key => self.keys(context, seed),
            Kind::Genesis
            | Kind::Delegation
            | Kind::Bundle
            | Kind::Certificate
            | Kind::CertificateRevocation => self.operator(kind, context, seed),
            Kind::EnvelopeHeader => sign(self.header(context, seed), seed),
            Kind::Receipt => sign(self.receipt(context), seed),
            Kind::Head => sign(self.head(context), seed),
            Kind::HandoverRequest
            | Kind::Access
            | Kind::Failure
            | Kind::Acceptance
            | Kind::Rejection
            | Kind::Deletion
            | Kind::Withdrawal => self.delivery(kind, context, seed),
            _ => self.relation(kind, context, seed),
        }
    }

    fn keys(&mut self, context: Context, seed: [u8; 32]) -> Sample {
        let identity = SigningKey::from_seed(&seed);
        let recovery = self.key().verifying_key().recovery_hash();
        let later = self.option(|_| ()).is_some();
        let recipients = (0..=self.below(2))
            .map(|_| {
                let age = HybridIdentity::from_seed(&self.bytes());
                RecipientKey::x_wing(&age.recipient().to_bytes())
            })
            .collect();
        let mut signers: Vec<_> = (0..self.below(3) + usize::from(later))
            .map(|_| {
                let (from, until) = self.period();
                SignerGrant {
                    key: self.key().verifying_key(),
                    roles: self.some(Role::ALL),
                    from,
                    until: self.option(|_| until),
                }
            })
            .collect();
        signers.sort_by_key(|grant| grant.key);
        let statement = KeyStatement {
            context,
            address: Address::of(&identity.verifying_key(), &recovery),
            number: 0,
            previous: None,
            identity: identity.verifying_key(),
            recovery,
            recipients,
            signers,
            possession: None,
            recovered_with: None,
            home: self.option(Self::text),
            ext: self.ext(),
        };
        if !later {
            return sign(statement, seed);
        }
        let (next, recovering) = (self.key(), self.key());
        let statement = KeyStatement {
            number: 1 + self.below(300) as u64,
            previous: Some(self.hash()),
            identity: next.verifying_key(),
            recovered_with: Some(recovering.verifying_key()),
            ..statement
        };
        sign(statement.with_possession(&next), *recovering.seed())
    }

    fn operator(&mut self, kind: Kind, context: Context, seed: [u8; 32]) -> Sample {
        let (from, until) = self.period();
        match kind {
            Kind::Genesis => {
                let continues = (context.epoch > 1).then(|| self.bytes::<200>().to_vec());
                let ext = self.ext();
                sign(
                    Genesis {
                        context,
                        continues,
                        ext,
                    },
                    seed,
                )
            }
            Kind::Delegation => sign(
                Delegation {
                    context,
                    purpose: self.one(DelegationPurpose::ALL),
                    key: self.key().verifying_key(),
                    from,
                    until,
                    ext: self.ext(),
                },
                seed,
            ),
            Kind::Bundle => sign(
                Bundle {
                    context,
                    version: self.text(),
                    count: 1 + self.below(4096) as u64,
                    files: BundleHash(self.bytes()),
                    ext: self.ext(),
                },
                seed,
            ),
            Kind::Certificate => sign(
                Certificate {
                    context,
                    subject: self.address(),
                    name: self.text(),
                    municipality_code: self
                        .one(&["09", "095", "09573", "09573111"])
                        .parse()
                        .unwrap(),
                    from,
                    until,
                    ext: self.ext(),
                },
                seed,
            ),
            _ => sign(
                CertificateRevocation {
                    context,
                    subject: self.address(),
                    certificate: self.hash(),
                    reason: self.one(Reason::ALL),
                    ext: self.ext(),
                },
                seed,
            ),
        }
    }

    fn header(&mut self, context: Context, seed: [u8; 32]) -> EnvelopeHeader {
        let parts = (0..=self.below(3))
            .map(|_| {
                PartReference(
                    AgeHeaderHash(self.bytes()),
                    1 + self.below(60_000) as u64,
                    PayloadHash(self.bytes()),
                    32 + u64::from(self.rng.next_u32()),
                )
            })
            .collect();
        let acceptance_until =
            self.option(|draw| UnixMillis(context.time.0 + 1 + draw.below(1 << 30) as u64));
        EnvelopeHeader {
            context,
            envelope_id: EnvelopeId(self.bytes()),
            sender: self.address(),
            signer: SigningKey::from_seed(&seed).verifying_key(),
            sender_keys: self.hash(),
            recipient: self.address(),
            recipient_keys: self.hash(),
            binding: self.option(Self::hash),
            parts,
            manifest: ManifestHash(self.bytes()),
            class: self.one(DeliveryClass::ALL),
            legal_rule: self.option(Self::text),
            consent: self.option(Self::hash),
            previous: self.option(Self::hash),
            sender_head: self.list_head(),
            acting_under: self.option(Self::hash),
            on_behalf_of: self.option(Self::address),
            tenant: self.option(Self::text),
            providers: self.option(|draw| vec![draw.text(), draw.text()]),
            ext: self.ext(),
            acceptance_until,
        }
    }

    fn receipt(&mut self, context: Context) -> Receipt {
        Receipt {
            context,
            id: ReceiptId(self.bytes()),
            events: self.some(Event::ALL),
            header: self.option(Self::hash),
            answers: Some(self.hash()),
            certificate: self.option(Self::hash),
            binding: self.option(Self::hash),
            previous: self.option(Self::hash),
            reasons: self.option(Self::reasons),
            checkpoint: self.option(|draw| draw.bytes::<40>().to_vec()),
            legal_rule: self.option(Self::text),
            ext: self.ext(),
        }
    }

    fn head(&mut self, context: Context) -> Head {
        let (one, two, header) = (self.address(), self.address(), self.hash());
        let subject = self.one(&[
            Subject::Party(one),
            Subject::Mailbox(one),
            Subject::Sent(one),
            Subject::Record(one),
            Subject::Envelope(header),
            Subject::Relation(one, None),
            Subject::Relation(one, Some(two)),
            Subject::Certificates,
            Subject::Certified(one),
            Subject::Contact(one),
        ]);
        Head {
            context,
            subject,
            head: self.list_head(),
            checkpoint: self.option(|draw| draw.bytes::<40>().to_vec()),
            ext: self.ext(),
        }
    }

    fn delivery(&mut self, kind: Kind, context: Context, seed: [u8; 32]) -> Sample {
        let (header, recipient, reasons) = (self.hash(), self.address(), self.reasons());
        let ext = self.ext();
        match kind {
            Kind::HandoverRequest => {
                let parts = 0..=self.below(3);
                let request = HandoverRequest {
                    context,
                    header,
                    recipient,
                    age_headers: parts.map(|_| AgeHeaderHash(self.bytes())).collect(),
                    seen: self.list_head(),
                    ext,
                };
                sign(request, seed)
            }
            Kind::Access => {
                let manifest = ManifestHash(self.bytes());
                let access = Access {
                    context,
                    header,
                    recipient,
                    manifest,
                    ext,
                };
                sign(access, seed)
            }
            Kind::Failure => {
                let failure = Failure {
                    context,
                    header,
                    recipient,
                    reasons,
                    ext,
                };
                sign(failure, seed)
            }
            Kind::Acceptance => {
                let acceptance = Acceptance {
                    context,
                    header,
                    recipient,
                    ext,
                };
                sign(acceptance, seed)
            }
            Kind::Rejection => {
                let rejection = Rejection {
                    context,
                    header,
                    recipient,
                    reasons,
                    ext,
                };
                sign(rejection, seed)
            }
            Kind::Deletion => {
                let deletion = Deletion {
                    context,
                    header,
                    recipient,
                    ext,
                };
                sign(deletion, seed)
            }
            _ => {
                let withdrawal = Withdrawal {
                    context,
                    header,
                    sender: recipient,
                    reasons,
                    ext,
                };
                sign(withdrawal, seed)
            }
        }
    }
}
