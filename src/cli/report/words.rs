//! The words for verdicts, checks, reservations and delivery; German first, English second.

use postfach_crypto::evidence::{CheckName, NotShown, Verdict};
use postfach_crypto::statement::{AssuranceLevel, BindingMethod, DeliveryClass};

use super::timestamps;
use crate::cli::lang::Language;

/// A fixed text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Both(pub(super) &'static str, pub(super) &'static str);

impl Both {
    /// The text in the chosen language.
    pub(super) fn pick(self, lang: Language) -> &'static str {
        match lang {
            Language::German => self.0,
            Language::English => self.1,
        }
    }
}

/// The verdict in one or two words.
pub(super) fn verdict(verdict: Verdict) -> Both {
    match verdict {
        Verdict::Verified => Both("BESTÄTIGT", "VERIFIED"),
        Verdict::Disputed => Both("STREITIG", "DISPUTED"),
        Verdict::NotProven => Both("NICHT BEWIESEN", "NOT PROVEN"),
        Verdict::Failed => Both("FEHLERHAFT", "FAILED"),
    }
}

/// What a check is called, and what is true when it passed.
pub(super) fn check(name: CheckName) -> (Both, Both) {
    use CheckName as C;
    match name {
        C::Operator => (
            Both("Betreiber", "Operator"),
            Both(
                "Der Betreiber ist der von Ihnen festgelegte; sein Hauptschlüssel hat die verwendeten Arbeitsschlüssel ermächtigt.",
                "The operator is the one you pinned; its root key authorised the working keys that were used.",
            ),
        ),
        C::HeaderSignature => (
            Both("Unterschrift des Umschlags", "Envelope signature"),
            Both(
                "Der Umschlag ist gültig unterschrieben und für diesen Betreiber gemacht.",
                "The envelope has a valid signature and is made for this operator.",
            ),
        ),
        C::LogCheckpoint => (
            Both("Prüfpunkt des Protokolls", "Log checkpoint"),
            Both(
                "Die Prüfpunkte des öffentlichen Protokolls sind mit einem vom Betreiber ermächtigten Schlüssel unterschrieben.",
                "The checkpoints of the public log are signed by a key that the operator authorised.",
            ),
        ),
        C::LogInclusion => (
            Both("Eintrag im Protokoll", "Inclusion in the log"),
            Both(
                "Alle Erklärungen und Quittungen in der Datei stehen im öffentlichen Protokoll, in derselben Reihenfolge.",
                "All statements and receipts in the file stand in the public log, in the same order.",
            ),
        ),
        C::LogConsistency => (
            Both("Fortführung des Protokolls", "Continuation of the log"),
            Both(
                "Seit den Prüfpunkten, die die Quittungen nennen, wurde das Protokoll nur fortgeführt: nichts entfernt, nichts geändert.",
                "Since the checkpoints that the receipts name the log was only continued: nothing removed, nothing changed.",
            ),
        ),
        C::LogCosigned => (
            Both("Zeugen", "Witnesses"),
            Both(
                "Genug der von Ihnen festgelegten Zeugen haben den Prüfpunkt mitgezeichnet.",
                "Enough of the witnesses that you pinned have cosigned the checkpoint.",
            ),
        ),
        C::TimeStamped => timestamps::CHECK,
        C::SenderKeyHistory => (
            Both("Schlüsselgeschichte des Absenders", "Sender's key history"),
            Both(
                "Die Schlüssel des Absenders gehören lückenlos zu seiner Adresse.",
                "The sender's keys belong to its address without a gap.",
            ),
        ),
        C::RecipientKeyHistory => (
            Both(
                "Schlüsselgeschichte des Empfängers",
                "Recipient's key history",
            ),
            Both(
                "Die Schlüssel des Empfängers gehören lückenlos zu seiner Adresse.",
                "The recipient's keys belong to its address without a gap.",
            ),
        ),
        C::ReceiptSignature => (
            Both("Unterschriften der Quittungen", "Receipt signatures"),
            Both(
                "Alle Quittungen sind mit einem Schlüssel unterschrieben, den der Betreiber dazu ermächtigt hat.",
                "All receipts are signed by a key that the operator authorised for it.",
            ),
        ),
        C::AnsweredStatements => (
            Both("Erklärungen der Beteiligten", "Statements of the parties"),
            Both(
                "Was Absender und Empfänger erklärt haben, betrifft diesen Umschlag und ist mit ihren Schlüsseln unterschrieben.",
                "What sender and recipient stated is about this envelope and signed with their keys.",
            ),
        ),
        C::ReceiptChain => (
            Both("Kette der Quittungen", "Chain of receipts"),
            Both(
                "Jede Quittung nennt die vorige; in der Kette fehlt keine, und keine ist vertauscht.",
                "Each receipt names the one before it; none in the chain is missing or exchanged.",
            ),
        ),
        C::ReceiptTimes => (
            Both("Zeiten der Quittungen", "Receipt times"),
            Both(
                "Die Zeiten der Quittungen laufen vorwärts und passen zur Reihenfolge.",
                "The times of the receipts run forward and agree with their order.",
            ),
        ),
        C::TimesBounded => (
            Both("Bezeugte Zeiten", "Cosigned times"),
            Both(
                "Jede Quittung liegt zwischen zwei Zeitpunkten, die Zeugen oder festgelegte Zeitstempeldienste nennen; keine ist vor- oder rückdatiert.",
                "Each receipt lies between two times that witnesses, or time-stamping authorities that you pinned, state; none was dated back or ahead.",
            ),
        ),
        C::Submission => (
            Both("Einlieferung", "Submission"),
            Both(
                "Der Server hat den Umschlag angenommen und das quittiert.",
                "The server accepted the envelope and gave a receipt for it.",
            ),
        ),
        C::SenderKeys => (
            Both("Schlüssel des Absenders", "Sender's keys"),
            Both(
                "Der Umschlag nennt die Schlüssel, die beim Absender damals galten.",
                "The envelope names the sender's keys that were current then.",
            ),
        ),
        C::RecipientKeys => (
            Both("Schlüssel des Empfängers", "Recipient's keys"),
            Both(
                "Der Umschlag nennt die Schlüssel, die beim Empfänger damals galten.",
                "The envelope names the recipient's keys that were current then.",
            ),
        ),
        C::SignerRole => (
            Both("Befugnis zu senden", "Right to send"),
            Both(
                "Wer unterschrieben hat, durfte für den Absender senden.",
                "Whoever signed was allowed to send for the sender.",
            ),
        ),
        C::SenderHead => (
            Both("Sicht des Absenders", "Sender's view"),
            Both(
                "Der Absender hatte dieselbe Geschichte seiner Schlüssel vor sich.",
                "The sender saw the same history of its own keys.",
            ),
        ),
        C::Binding => (
            Both("Zuordnung der Person", "Binding of the person"),
            Both(
                "Die Zuordnung nennt die ersten Schlüssel des Empfängers und ist von der zuordnenden Stelle unterschrieben.",
                "The binding names the recipient's first keys and is signed by its issuer.",
            ),
        ),
        C::BindingInForce => (
            Both("Geltung der Zuordnung", "Binding in force"),
            Both(
                "Die Zuordnung galt bei der Einlieferung.",
                "The binding was in force at submission.",
            ),
        ),
        C::Consent => (
            Both("Einwilligung", "Consent"),
            Both(
                "Der Empfänger hat in diesen Weg eingewilligt; die Einwilligung galt bei der Einlieferung.",
                "The recipient consented to this channel; the consent was in force at submission.",
            ),
        ),
        C::Certificate => (
            Both("Zertifikat der Behörde", "Authority's certificate"),
            Both(
                "Das Zertifikat mit dem Namen der Behörde galt bei der Einlieferung.",
                "The certificate with the authority's name was in force at submission.",
            ),
        ),
        C::HandoverAnswersRequest => (
            Both("Aushändigung auf Anforderung", "Handover on request"),
            Both(
                "Ausgehändigt wurde auf eine unterschriebene Erklärung des Empfängers zu genau diesem Umschlag.",
                "The handover answers a signed statement of the recipient about exactly this envelope.",
            ),
        ),
        C::AgeHeaders => (
            Both(
                "Verschlüsselung für den Empfänger",
                "Encryption to the recipient",
            ),
            Both(
                "Die Schlüsselköpfe sind die im Umschlag genannten und für genau die Schlüssel des Empfängers gemacht.",
                "The age headers are those named in the envelope and made for exactly the recipient's keys.",
            ),
        ),
        C::Access => (
            Both("Öffnen durch den Empfänger", "Opened by the recipient"),
            Both(
                "Der Empfänger bestätigt mit seiner Unterschrift genau den Inhalt, den der Umschlag nennt.",
                "The recipient's signature confirms exactly the content that the envelope names.",
            ),
        ),
        C::StatementsReceipted => (
            Both("Quittungen der Erklärungen", "Receipts of statements"),
            Both(
                "Zu jeder Schlüsselerklärung, Zuordnung, Einwilligung und jedem Zertifikat liegt die Quittung vor.",
                "Each key statement, binding, consent and certificate has its receipt.",
            ),
        ),
        C::HeadSignature => (
            Both("Unterschriften der Stände", "Head signatures"),
            Both(
                "Die Stände der Listen sind mit einem vom Betreiber ermächtigten Schlüssel unterschrieben.",
                "The heads of the lists are signed by a key that the operator authorised.",
            ),
        ),
        C::EnvelopeComplete => (
            Both(
                "Vollständigkeit des Umschlags",
                "Completeness of the envelope",
            ),
            Both(
                "Die Datei enthält alle Vorgänge zu diesem Umschlag, die der Server bis zu seinem Stand zählt.",
                "The file holds every entry about this envelope that the server counts up to its head.",
            ),
        ),
        C::SenderKeysComplete => (
            Both(
                "Vollständigkeit der Absenderschlüssel",
                "Completeness of the sender's keys",
            ),
            Both(
                "Die Datei enthält alle Schlüsselerklärungen des Absenders.",
                "The file holds all key statements of the sender.",
            ),
        ),
        C::RecipientKeysComplete => (
            Both(
                "Vollständigkeit der Empfängerschlüssel",
                "Completeness of the recipient's keys",
            ),
            Both(
                "Die Datei enthält alle Schlüsselerklärungen des Empfängers.",
                "The file holds all key statements of the recipient.",
            ),
        ),
        C::RelationComplete => (
            Both(
                "Vollständigkeit der Zuordnungen und Einwilligungen",
                "Completeness of bindings and consents",
            ),
            Both(
                "Die Datei enthält alle Zuordnungen und Einwilligungen, auch Widerrufe.",
                "The file holds all bindings and consents, revocations included.",
            ),
        ),
        C::CertificatesComplete => (
            Both(
                "Vollständigkeit der Zertifikate",
                "Completeness of the certificates",
            ),
            Both(
                "Die Datei enthält alle Zertifikate der Behörde, auch Widerrufe.",
                "The file holds all certificates of the authority, revocations included.",
            ),
        ),
        C::OpenedContent => (
            Both("Offengelegter Inhalt", "Disclosed content"),
            Both(
                "Der unten gezeigte Inhalt ist der, den der Umschlag nennt.",
                "The content shown below is the one that the envelope names.",
            ),
        ),
    }
}

/// What the operator check is worth when the root key comes from the file itself.
pub(super) const OWN_ROOT: Both = Both(
    "Der Hauptschlüssel aus der Datei hat die Arbeitsschlüssel ermächtigt. Ob er der des Betreibers ist, ist NICHT geprüft.",
    "The root key from the file authorised the working keys. Whether it is the operator's was NOT checked.",
);

/// What is not proven when the root key comes from the file itself.
pub(super) const OWN_ROOT_NOT_SHOWN: Both = Both(
    "Wer der Betreiber ist: Der Hauptschlüssel stammt aus der Datei selbst. Wer die Datei gemacht hat, kann alles darin erfunden haben.",
    "Who the operator is: the root key comes from the file itself. Whoever made the file may have invented all of it.",
);

/// What the file does not show.
pub(super) fn not_shown(item: NotShown) -> Both {
    match item {
        NotShown::IndependentTime => Both(
            "Unabhängige Zeit: Zeiten sind Angaben des Betreibers; Zeugen grenzen sie nicht nach beiden Seiten ein.",
            "Independent time: times are the operator's word; witnesses do not bound them on both sides.",
        ),
        NotShown::TimeStamps => timestamps::NOT_PINNED,
        NotShown::LogInclusion => Both(
            "Eintrag im öffentlichen Protokoll: Die Datei beweist nicht, dass alle Erklärungen und Quittungen dort stehen.",
            "Public log: the file does not prove that all statements and receipts stand in it.",
        ),
        NotShown::LaterEvents => Both(
            "Spätere Ereignisse: was nach dem jüngsten Stand in der Datei geschah.",
            "Later events: what happened after the newest head in the file.",
        ),
        NotShown::AbilityToDecrypt => Both(
            "Lesbarkeit: dass der Empfänger den Umschlag entschlüsseln kann.",
            "Readability: that the recipient can decrypt the envelope.",
        ),
        NotShown::Handover => Both(
            "Aushändigung: dass der Inhalt das Gerät des Empfängers erreicht hat.",
            "Handover: that the content reached the recipient's device.",
        ),
        NotShown::PersonRead => Both(
            "Kenntnisnahme: dass ein Mensch den Inhalt gelesen hat.",
            "Reading: that a person read the content.",
        ),
        NotShown::Notification => Both(
            "Benachrichtigung: dass dem Empfänger eine Benachrichtigung geschickt wurde.",
            "Notification: that a notification was sent to the recipient.",
        ),
        NotShown::PersonBehindBinding => Both(
            "Name des Empfängers: Nur die zuordnende Stelle kann offenlegen, welche Person sie zugeordnet hat.",
            "The recipient's name: only the issuer of the binding can disclose which person it bound.",
        ),
        NotShown::RecipientIdentity => Both(
            "Wem die Adresse des Empfängers gehört: Es ist keine Zuordnung genannt.",
            "Whose address the recipient's is: no binding is named.",
        ),
        NotShown::AuthorityIdentity => Both(
            "Welche Behörde beteiligt war: Es ist kein gültiges Zertifikat gezeigt.",
            "Which authority took part: no valid certificate is shown.",
        ),
        NotShown::Consent => Both(
            "Einwilligung: Es ist keine genannt; eine Bekanntgabe oder Zustellung kraft Fiktion beginnt ohne sie nicht.",
            "Consent: none is named; without one no fiction of notification or service runs.",
        ),
        NotShown::Content => Both(
            "Inhalt: Was im Brief steht, ist in dieser Datei nicht (gültig) offengelegt.",
            "Content: what the letter says is not (validly) disclosed in this file.",
        ),
        NotShown::Attachments => Both(
            "Anlagen: Die Datei enthält sie nicht, nur verschlüsselte Angaben oder Prüfsummen dazu.",
            "Attachments: the file does not hold them, only hashes or encrypted details of them.",
        ),
    }
}

/// Until when the recipient is asked to acknowledge receipt.
pub(super) const ACCEPTANCE_UNTIL: Both = Both(
    "Empfangsbekenntnis erbeten bis",
    "Acknowledgement asked until",
);

/// How the letter is delivered.
pub(super) fn class(class: DeliveryClass) -> Both {
    match class {
        DeliveryClass::Ordinary => Both(
            "einfache Sendung (sofort lesbar; das Öffnen wird quittiert)",
            "ordinary (readable at once; opening it is recorded)",
        ),
        DeliveryClass::Registered => Both(
            "förmliche Zustellung (lesbar nur gegen Unterschrift des Empfängers)",
            "registered (readable only against the recipient's signature)",
        ),
    }
}

/// How the issuer identified the person.
pub(super) fn method(method: BindingMethod) -> Both {
    match method {
        BindingMethod::Letter => Both("Brief mit Aktivierungscode", "letter with activation code"),
        BindingMethod::OpenIdConnect => Both("Anmeldedienst (OpenID Connect)", "OpenID Connect"),
        BindingMethod::ElectronicIdentity => {
            Both("elektronischer Ausweis", "electronic identity card")
        }
        BindingMethod::Counter => Both("persönlich am Schalter", "in person at the counter"),
    }
}

/// How sure the issuer is (eIDAS Art. 8(2)).
pub(super) fn assurance(level: AssuranceLevel) -> Both {
    match level {
        AssuranceLevel::Low => Both("niedrig", "low"),
        AssuranceLevel::Substantial => Both("substanziell", "substantial"),
        AssuranceLevel::High => Both("hoch", "high"),
    }
}
