//! Why a check failed, or could not be made.

use postfach_crypto::envelope::BindingError;
use postfach_crypto::evidence::{Cause, Gap};
use postfach_crypto::operator::OperatorError;
use postfach_crypto::party::{HistoryError, NotAllowed};
use postfach_crypto::statement::{Role, VerifyError};

use super::log;
use super::timestamps;
use super::words::{self, Both};
use crate::cli::lang::{Language, text};

/// What is wrong, in one sentence.
pub(super) fn cause(lang: Language, cause: &Cause) -> String {
    let both = match cause {
        Cause::CheckpointForm
        | Cause::CheckpointOfOther
        | Cause::CheckpointUnsigned
        | Cause::CheckpointFalseSignature
        | Cause::CheckpointOrder
        | Cause::Inclusion(_)
        | Cause::Consistency(_)
        | Cause::ProofOfNothing
        | Cause::OtherOrder
        | Cause::TimesContradictOrder
        | Cause::TimeOutOfBounds => log::cause(cause),
        Cause::Token(fault) => timestamps::fault(*fault),
        Cause::ForeignRoot => Both(
            "Die Datei nennt einen anderen Betreiber (Hauptschlüssel) als den festgelegten.",
            "The file names another operator (root key) than the pinned one.",
        ),
        Cause::OtherOrigin => Both(
            "Die Erklärung ist für das Protokoll eines anderen Dienstes gemacht.",
            "The statement is made for another service's log.",
        ),
        Cause::Operator(error) => return operator(lang, error),
        Cause::Statement(error) => statement(error),
        Cause::History(error) => return history(lang, error),
        Cause::NotAllowed(error) => return not_allowed(lang, error),
        Cause::Content(error) => return content(lang, error),
        Cause::OtherSigner => Both(
            "Unterschrieben hat ein anderer Schlüssel als der im Umschlag genannte.",
            "The envelope is signed by another key than it names.",
        ),
        Cause::KeyStatementUnknown => Both(
            "Der Umschlag nennt Schlüssel, die in der Geschichte der Adresse nicht vorkommen.",
            "The envelope names keys that are not in the address's history.",
        ),
        Cause::KeysNotCurrent => Both(
            "Der Umschlag nennt Schlüssel, die bei der Einlieferung nicht galten: überholt oder noch nicht eingetragen.",
            "The envelope names keys that were not current at submission: superseded, or not yet registered.",
        ),
        Cause::SenderSawOtherHistory => Both(
            "Dem Absender wurde eine andere Geschichte seiner eigenen Schlüssel gezeigt, als in der Datei steht.",
            "The sender was shown another history of its own keys than the file holds.",
        ),
        Cause::UnexpectedKind => Both(
            "In der Liste steht eine Erklärung, die ihrer Art nach nicht dorthin gehört.",
            "A statement stands in a list where its kind does not belong.",
        ),
        Cause::OtherEnvelope => Both(
            "Eine Erklärung oder Quittung betrifft einen anderen Umschlag.",
            "A statement or receipt is about another envelope.",
        ),
        Cause::OtherParty => Both(
            "Eine Erklärung nennt eine andere Person oder Stelle als die, die sich hier erklären müsste.",
            "A statement names another party than the one whose turn it is.",
        ),
        Cause::ChainBroken => Both(
            "Eine Quittung nennt eine andere Vorgängerin als die in der Datei: Eine Quittung wurde weggelassen, hinzugefügt oder vertauscht.",
            "A receipt names another predecessor than the one in the file: one was dropped, added or exchanged.",
        ),
        Cause::AnswersNothing => Both(
            "Eine Quittung beantwortet keine Erklärung, die vor ihr steht.",
            "A receipt answers no statement that stands before it.",
        ),
        Cause::StatementWithoutReceipt => Both(
            "Zu einer Erklärung fehlt die Quittung.",
            "A statement has no receipt.",
        ),
        Cause::EventDoesNotFit => Both(
            "Eine Quittung bescheinigt ein Ereignis, das die beantwortete Erklärung nicht bewirken kann.",
            "A receipt records an event that the statement it answers cannot cause.",
        ),
        Cause::SubmissionRejected => Both(
            "Der Server hat den Umschlag abgelehnt.",
            "The server refused the envelope.",
        ),
        Cause::ReceiptContradictsHeader => Both(
            "Die Quittung nennt eine andere Zuordnung oder Rechtsgrundlage als der Umschlag.",
            "The receipt names another binding or legal rule than the envelope.",
        ),
        Cause::BindingOfOther => Both(
            "Die Zuordnung gilt für eine andere Adresse oder andere erste Schlüssel.",
            "The binding is for another address or other first keys.",
        ),
        Cause::BindingEnded => Both(
            "Die Zuordnung war bei der Einlieferung schon zurückgenommen oder abgelaufen.",
            "The binding had been withdrawn or had ended at submission.",
        ),
        Cause::ConsentOfOther => Both(
            "Die Einwilligung stammt von jemand anderem oder gilt gegenüber einer anderen Behörde.",
            "The consent is another citizen's or towards another authority.",
        ),
        Cause::ConsentNotInForce => Both(
            "Die Einwilligung war bei der Einlieferung widerrufen oder galt noch nicht.",
            "The consent had been revoked or had not begun at submission.",
        ),
        Cause::ConsentClass => Both(
            "Die Einwilligung gilt nicht für diese Art der Zustellung.",
            "The consent does not cover this class of delivery.",
        ),
        Cause::ReservedField => Both(
            "Der Umschlag benutzt ein Feld, das noch keine Regel hat.",
            "The envelope uses a field that no rule covers yet.",
        ),
        Cause::OutOfOrder => Both(
            "Ein Ereignis steht, wo es im Verlauf der Zustellung nicht stehen kann.",
            "An event came where the delivery does not allow it.",
        ),
        Cause::CertificateOfOther => Both(
            "Das Zertifikat gilt weder für den Absender noch für den Empfänger.",
            "The certificate is for neither sender nor recipient.",
        ),
        Cause::CertificateNotInForce => Both(
            "Das Zertifikat war bei der Einlieferung widerrufen, abgelaufen oder noch nicht gültig.",
            "The certificate was revoked, over or not yet valid at submission.",
        ),
        Cause::HandoverWithoutRequest => Both(
            "Zu einer Aushändigung fehlt die passende unterschriebene Anforderung des Empfängers.",
            "A handover lacks the recipient's signed request for exactly this content.",
        ),
        Cause::WithdrawalTooLate => Both(
            "Rücknahme und Aushändigung widersprechen sich: zurückgezogen nach der Aushändigung oder umgekehrt.",
            "Withdrawal and handover contradict each other: withdrawn after handover, or the reverse.",
        ),
        Cause::OtherManifest => Both(
            "Der Empfänger hat einen anderen Inhalt bestätigt, als der Umschlag nennt.",
            "The recipient confirmed another content than the envelope names.",
        ),
        Cause::EntriesDropped { counted, given } => {
            return text!(
                lang,
                "Der Server zählt {counted} Einträge, die Datei enthält {given}: Es wurden welche weggelassen.",
                "The server counts {counted} entries, the file holds {given}: some were dropped."
            );
        }
        Cause::OtherEntries => Both(
            "Der Stand des Servers gehört zu anderen Einträgen als denen in der Datei: Die Datei wurde verändert, oder der Server widerspricht sich.",
            "The server's head is of other entries than the file's: the file was changed, or the server contradicts itself.",
        ),
        Cause::DisclosedKey => Both(
            "Mit dem offengelegten Schlüssel lässt sich der im Umschlag genannte Inhalt nicht öffnen.",
            "The disclosed key does not open the content that the envelope names.",
        ),
    };
    both.pick(lang).to_owned()
}

fn operator(lang: Language, error: &OperatorError) -> String {
    match error {
        OperatorError::Statement(error) => statement(error),
        OperatorError::ForeignRoot => Both(
            "Eine Ermächtigung ist nicht vom Hauptschlüssel des Betreibers unterschrieben.",
            "A delegation is not signed by the operator's root key.",
        ),
        OperatorError::TooMany => Both(
            "Die Datei enthält mehr Ermächtigungen, als gelesen werden.",
            "The file holds more delegations than are read.",
        ),
        OperatorError::OtherOrigin => Both(
            "Eine Erklärung des Betreibers ist für ein anderes Protokoll gemacht.",
            "A statement of the operator is made for another log.",
        ),
        OperatorError::NotDelegated => Both(
            "Unterschrieben hat ein Schlüssel, den der Betreiber dafür zu dieser Zeit nicht ermächtigt hatte.",
            "It is signed by a key that the operator had not authorised for this at that time.",
        ),
    }
    .pick(lang)
    .to_owned()
}

fn statement(error: &VerifyError) -> Both {
    match error {
        VerifyError::Envelope(_) => Both(
            "Eine Erklärung hat nicht die vorgeschriebene Form; sie ist beschädigt oder keine.",
            "A statement does not have the required form; it is damaged or none at all.",
        ),
        VerifyError::Kind => Both(
            "An der Stelle steht eine Erklärung anderer Art.",
            "A statement of another kind stands there.",
        ),
        VerifyError::Signature(_) => Both(
            "Die Unterschrift ist ungültig: Das Unterschriebene wurde verändert, oder es hat ein anderer unterschrieben.",
            "The signature is not valid: what was signed was changed, or somebody else signed it.",
        ),
        VerifyError::Payload(_) => Both(
            "Der Inhalt einer Erklärung hat nicht die vorgeschriebene Form.",
            "The payload of a statement does not have the required form.",
        ),
        VerifyError::Rule(_) => Both(
            "Der Inhalt einer Erklärung verletzt eine Regel seiner Art.",
            "The payload of a statement breaks a rule of its kind.",
        ),
    }
}

fn history(lang: Language, error: &HistoryError) -> String {
    match error {
        HistoryError::Empty => text!(
            lang,
            "Die Datei enthält keine Schlüsselerklärung dieser Adresse.",
            "The file holds no key statement of this address."
        ),
        HistoryError::OtherAddress => text!(
            lang,
            "Eine Schlüsselerklärung gehört zu einer anderen Adresse.",
            "A key statement belongs to another address."
        ),
        HistoryError::NotNext { current, found } => text!(
            lang,
            "Auf Schlüsselerklärung {current} folgt {found}: Die Geschichte hat eine Lücke oder ist umgestellt.",
            "Key statement {current} is followed by {found}: the history has a gap or is reordered."
        ),
        HistoryError::Branch(number) => text!(
            lang,
            "Schlüsselerklärung {number} knüpft an eine andere Vorgängerin an: Jemand hat die Geschichte verzweigt.",
            "Key statement {number} names another predecessor: somebody branched the history."
        ),
        HistoryError::Unauthorised(number) => text!(
            lang,
            "Schlüsselerklärung {number} ist nicht von einem Schlüssel der vorigen unterschrieben.",
            "Key statement {number} is not signed by a key of the one before it."
        ),
        HistoryError::NoPossession(number) => text!(
            lang,
            "Bei Schlüsselerklärung {number} fehlt die Zustimmung des neuen Schlüssels.",
            "Key statement {number} lacks the new key's agreement."
        ),
        HistoryError::AdministratorOverreach(number) => text!(
            lang,
            "Schlüsselerklärung {number}: Ein Verwalter hat mehr geändert, als er darf.",
            "Key statement {number}: an administrator changed more than allowed."
        ),
        HistoryError::Recipient(number) => text!(
            lang,
            "Schlüsselerklärung {number} nennt einen unsicheren Verschlüsselungsschlüssel.",
            "Key statement {number} names an unsafe encryption key."
        ),
        HistoryError::TooLong => text!(
            lang,
            "Die Schlüsselgeschichte ist länger als erlaubt.",
            "The key history is longer than allowed."
        ),
    }
}

fn not_allowed(lang: Language, error: &NotAllowed) -> String {
    match error {
        NotAllowed::UnknownKey => text!(
            lang,
            "Der unterschreibende Schlüssel gehört nicht oder nicht mehr zu dieser Person oder Stelle.",
            "The signing key is not, or no longer, one of this party's keys."
        ),
        NotAllowed::Role(role) => {
            let what = permitted(*role).pick(lang);
            text!(
                lang,
                "Der unterschreibende Schlüssel war zu dieser Zeit nicht befugt {what}.",
                "The signing key was not allowed to {what} at that time."
            )
        }
    }
}

/// What a role allows, within a sentence.
pub(super) fn permitted(role: Role) -> Both {
    match role {
        Role::Send => Both("zu senden", "send"),
        Role::Register => Both("Personen zuzuordnen", "bind persons"),
        Role::Read => Both("zu empfangen und zu lesen", "receive and read"),
        Role::Administer => Both("zu verwalten und einzuwilligen", "administer and consent"),
    }
}

fn content(lang: Language, error: &BindingError) -> String {
    match error {
        BindingError::ManifestHash => text!(
            lang,
            "Der offengelegte Inhalt ist nicht der, den der unterschriebene Umschlag nennt.",
            "The disclosed content is not the one that the signed envelope names."
        ),
        BindingError::Manifest(_) => text!(
            lang,
            "Der offengelegte Inhalt hat nicht die vorgeschriebene Form.",
            "The disclosed content does not have the required form."
        ),
        BindingError::EnvelopeId => text!(
            lang,
            "Der Inhalt gehört zu einem anderen Umschlag.",
            "The content belongs to another envelope."
        ),
        BindingError::Sender => text!(
            lang,
            "Den Inhalt hat ein anderer geschrieben, als der Umschlag sagt.",
            "The content was written by another sender than the envelope says."
        ),
        BindingError::Recipient => text!(
            lang,
            "Der Inhalt war für einen anderen Empfänger bestimmt, als der Umschlag sagt.",
            "The content was written for another recipient than the envelope says."
        ),
        BindingError::AttachmentCount => text!(
            lang,
            "Der Inhalt nennt eine andere Zahl von Anlagen, als der Umschlag Teile hat.",
            "The content lists another number of attachments than the envelope has parts."
        ),
        BindingError::Attachment(number) => text!(
            lang,
            "Anlage {number} ist nicht die, die der Inhalt nennt.",
            "Attachment {number} is not the one that the content names."
        ),
        BindingError::AgeHeader(part) => text!(
            lang,
            "Der Schlüsselkopf von Teil {part} ist nicht der im Umschlag genannte.",
            "The age header of part {part} is not the one that the envelope names."
        ),
        BindingError::Payload(part) => text!(
            lang,
            "Der verschlüsselte Teil {part} ist nicht der im Umschlag genannte.",
            "The encrypted part {part} is not the one that the envelope names."
        ),
        BindingError::Stanzas(part) => text!(
            lang,
            "Teil {part} ist nicht für genau die Schlüssel des Empfängers verschlüsselt.",
            "Part {part} is not encrypted to exactly the recipient's keys."
        ),
        BindingError::PartCount => text!(
            lang,
            "Es liegt nicht zu jedem Teil genau ein Schlüsselkopf vor.",
            "There is not exactly one age header for each part."
        ),
    }
}

/// What is missing, in one sentence.
pub(super) fn gap(lang: Language, gap: Gap) -> String {
    let both = match gap {
        Gap::Needs(check) => {
            let label = words::check(check).0.pick(lang);
            return text!(
                lang,
                "Nicht prüfbar, weil „{label}“ nicht bestanden ist.",
                "Could not be checked, because “{label}” did not pass."
            );
        }
        Gap::Log => Both(
            "Die Datei enthält keinen Prüfpunkt und keine Nachweise des öffentlichen Protokolls.",
            "The file holds no checkpoint and no proofs of the public log.",
        ),
        Gap::Inclusion => Both(
            "Zu einer Erklärung oder Quittung fehlt der Nachweis, dass sie im Protokoll steht.",
            "The proof that a statement or receipt stands in the log is missing.",
        ),
        Gap::Consistency => Both(
            "Es fehlt der Nachweis, dass das Protokoll einen früheren Prüfpunkt nur fortführt.",
            "The proof that the log only continues an earlier checkpoint is missing.",
        ),
        Gap::NoWitnesses => Both(
            "Es sind keine Zeugen festgelegt: Für das Protokoll steht niemand ein als der Betreiber selbst.",
            "No witnesses are pinned: nobody but the operator vouches for the log.",
        ),
        Gap::CosignaturePending => Both(
            "Mitzeichnung steht aus: Zu wenige der festgelegten Zeugen haben den Prüfpunkt mitgezeichnet.",
            "Cosignature pending: too few of the pinned witnesses have cosigned the checkpoint.",
        ),
        Gap::UpperBoundPending => Both(
            "Obere Zeitgrenze steht aus: Noch kein mitgezeichneter Prüfpunkt umfasst alle Quittungen.",
            "Upper bound pending: no cosigned checkpoint covers all receipts yet.",
        ),
        Gap::LowerBound => Both(
            "Eine Quittung nennt keinen mitgezeichneten Prüfpunkt vor ihr.",
            "A receipt names no cosigned checkpoint before it.",
        ),
        Gap::Timestamp => timestamps::MISSING,
        Gap::TimestampAuthority => timestamps::OTHER_AUTHORITY,
        Gap::TimestampPending => timestamps::PENDING,
        Gap::Receipt => Both(
            "Zu einer Schlüsselerklärung, Zuordnung, Einwilligung oder einem Zertifikat fehlt die Quittung.",
            "The receipt of a key statement, binding, consent or certificate is missing.",
        ),
        Gap::SubmissionReceipt => Both(
            "Die Quittung über die Einlieferung fehlt in der Datei.",
            "The receipt of submission is not in the file.",
        ),
        Gap::Binding => Both(
            "Die genannte Zuordnung fehlt in der Datei.",
            "The named binding is not in the file.",
        ),
        Gap::IssuerKeys => Both(
            "Die Schlüssel der zuordnenden Stelle fehlen in der Datei.",
            "The keys of the binding's issuer are not in the file.",
        ),
        Gap::BindingNotChecked => Both(
            "Die Quittung sagt nicht, dass der Server die Zuordnung geprüft hat.",
            "The receipt does not say that the server checked the binding.",
        ),
        Gap::Consent => Both(
            "Die genannte Einwilligung fehlt in der Datei.",
            "The named consent is not in the file.",
        ),
        Gap::Certificate => Both(
            "Das genannte Zertifikat fehlt in der Datei.",
            "The named certificate is not in the file.",
        ),
        Gap::AgeHeaders => Both(
            "Die Schlüsselköpfe fehlen in der Datei; dass Lesbares ausgehändigt wurde, ist so nicht gezeigt.",
            "The age headers are not in the file, so the handover of readable mail is not shown.",
        ),
        Gap::ConsentNotNamed => Both(
            "Diese Art der Zustellung braucht eine Einwilligung; der Umschlag nennt keine.",
            "This class of delivery needs a consent; the envelope names none.",
        ),
        Gap::Order => Both(
            "Welche von zwei Erklärungen zuerst da war, lässt sich nicht sagen; Quittungen dazu fehlen.",
            "Which of two statements came first cannot be told; receipts that show it are missing.",
        ),
        Gap::Head => Both(
            "In der Datei fehlt der Stand des Servers zur ganzen Liste.",
            "The file holds no head of the whole list.",
        ),
        Gap::HeadTooOld => Both(
            "Der Stand des Servers ist älter als die Einlieferung; dazwischen kann etwas geschehen sein.",
            "The head is older than the submission; something may have come between.",
        ),
        Gap::Times => Both(
            "Die Zeiten der Quittungen laufen nicht vorwärts: Die Uhr des Betreibers ging falsch.",
            "The times of the receipts do not run forward: the operator's clock was wrong.",
        ),
    };
    both.pick(lang).to_owned()
}
