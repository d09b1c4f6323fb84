//! Samples of what stands between a person and an authority: claims, bindings, consents, mandates.

use postfach_crypto::ids::{CodeId, PersonCommitment, TextHash};
use postfach_crypto::statement::{
    AssuranceLevel, Binding, BindingMethod, BindingWithdrawal, Closure, Consent, ConsentClass,
    ConsentRevocation, Contact, ContactLanguage, Context, EnrolmentClaim, EnrolmentRefusal, Kind,
    Mandate, MandateScope, Objection, Reason, RefusalReason, Succession,
};

use super::samples::{Draw, Sample, sign};

impl Draw {
    pub fn relation(&mut self, kind: Kind, context: Context, seed: [u8; 32]) -> Sample {
        let (issuer, address, other) = (self.address(), self.address(), self.address());
        let (named, time, ext) = (self.hash(), self.time(), self.ext());
        match kind {
            Kind::EnrolmentClaim => {
                let claim = EnrolmentClaim {
                    context,
                    issuer,
                    address,
                    key_statement: named,
                    code_id: CodeId(self.bytes()),
                    mac: self.bytes(),
                    ext,
                };
                sign(claim, seed)
            }
            Kind::EnrolmentRefusal => {
                let refusal = EnrolmentRefusal {
                    context,
                    issuer,
                    address,
                    claim: named,
                    reason: self.one(RefusalReason::ALL),
                    ext,
                };
                sign(refusal, seed)
            }
            Kind::Binding => {
                let binding = Binding {
                    context,
                    issuer,
                    address,
                    key_statement: named,
                    claim: self.option(Self::hash),
                    person: PersonCommitment(self.bytes()),
                    method: self.one(BindingMethod::ALL),
                    assurance: self.one(AssuranceLevel::ALL),
                    until: self.option(|_| time),
                    ext,
                };
                sign(binding, seed)
            }
            Kind::BindingWithdrawal => {
                let withdrawal = BindingWithdrawal {
                    context,
                    issuer,
                    address,
                    binding: named,
                    reason: self.one(Reason::ALL),
                    ext,
                };
                sign(withdrawal, seed)
            }
            Kind::Succession => {
                let earliest = context.time.0 + postfach_crypto::statement::MIN_OBJECTION;
                let succession = Succession {
                    context,
                    issuer,
                    old: address,
                    new: other,
                    binding: named,
                    objection_until: postfach_crypto::ids::UnixMillis(earliest),
                    ext,
                };
                sign(succession, seed)
            }
            Kind::Objection => {
                let objection = Objection {
                    context,
                    address,
                    succession: named,
                    ext,
                };
                sign(objection, seed)
            }
            Kind::Consent => {
                let consent = Consent {
                    context,
                    citizen: address,
                    authority: self.option(|_| issuer),
                    class: self.one(ConsentClass::ALL),
                    text: TextHash(self.bytes()),
                    from: time,
                    ext,
                };
                sign(consent, seed)
            }
            Kind::ConsentRevocation => {
                let revocation = ConsentRevocation {
                    context,
                    citizen: address,
                    authority: self.option(|_| issuer),
                    consent: named,
                    ext,
                };
                sign(revocation, seed)
            }
            Kind::Contact => {
                let contact = Contact {
                    context,
                    party: address,
                    email: self.option(|draw| format!("m.{}@mail.example", draw.below(1000))),
                    language: self.one(ContactLanguage::ALL),
                    ext,
                };
                sign(contact, seed)
            }
            Kind::Closure => {
                let closure = Closure {
                    context,
                    citizen: address,
                    ext,
                };
                sign(closure, seed)
            }
            Kind::Mandate => {
                let mandate = Mandate {
                    context,
                    principal: address,
                    delegate: other,
                    scope: self.some(MandateScope::ALL),
                    until: time,
                    ext,
                };
                sign(mandate, seed)
            }
            other => unreachable!("{} is drawn elsewhere", other.name()),
        }
    }
}
