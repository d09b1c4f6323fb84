//! What a refusal means, for people, in German and English: what happened and what to do.

use postfach_storage::{CommitError, ReadError, UploadError};

use crate::service::ServiceError;

/// A refusal in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Stable name for programs.
    pub code: &'static str,
    /// What happened, German and English.
    pub what: [&'static str; 2],
    /// What to do, German and English.
    pub next: [&'static str; 2],
}

macro_rules! words {
    ($code:literal, $what_de:literal, $what_en:literal, $next_de:literal, $next_en:literal) => {
        Words {
            code: $code,
            what: [$what_de, $what_en],
            next: [$next_de, $next_en],
        }
    };
}

/// The words for a refusal: one exhaustive match.
pub fn words(error: &ServiceError) -> Words {
    use ServiceError as E;
    match error {
        E::Statement(_) => words!(
            "bad-statement",
            "Die Erklärung ist beschädigt oder ihre Signatur ist ungültig.",
            "The statement is damaged or its signature is not valid.",
            "Erklärung neu erzeugen; Programm aktualisieren, wenn der Fehler bleibt.",
            "Make the statement again; update the program if this goes on."
        ),
        E::Submission(_) => words!(
            "bad-submission",
            "Die Einlieferung ist nicht lesbar oder zu groß.",
            "The submission is not readable or too large.",
            "Große Anlagen hochladen statt einbetten; Programm aktualisieren, wenn der Fehler bleibt.",
            "Upload large attachments instead of embedding them; update the program if this goes on."
        ),
        E::WrongDoor(_) => words!(
            "wrong-door",
            "Erklärungen dieser Art werden hier nicht angenommen.",
            "Statements of this kind are not accepted here.",
            "Umschläge an /v1/envelopes senden; Quittungen stellt nur der Server aus.",
            "Send envelopes to /v1/envelopes; only the server issues receipts."
        ),
        E::OtherLog => words!(
            "other-log",
            "Die Erklärung gilt für einen anderen Betreiber oder eine andere Epoche.",
            "The statement is made for another operator or epoch.",
            "Profil mit /v1/info abgleichen und die Erklärung neu erzeugen.",
            "Compare the profile with /v1/info and make the statement again."
        ),
        E::ClockOutOfRange { .. } => words!(
            "clock-out-of-range",
            "Die Uhr dieses Geräts geht falsch.",
            "This device's clock is wrong.",
            "Uhr stellen und noch einmal senden.",
            "Set the clock and send again."
        ),
        E::UnknownParty => words!(
            "unknown-party",
            "Diese Adresse ist nicht bekannt.",
            "This address is not known.",
            "Adresse prüfen; Bürgeradressen sieht nur, wer mit ihnen verbunden ist.",
            "Check the address; a citizen's address shows only to those bound to it."
        ),
        E::SecondKeyStatement => words!(
            "second-key-statement",
            "Für diese Adresse gibt es schon eine erste Schlüsselerklärung.",
            "This address already has a first key statement.",
            "Schlüssel mit „postfach key rotate“ wechseln.",
            "Change keys with 'postfach key rotate'."
        ),
        E::History(_) => words!(
            "key-history",
            "Die Schlüsselerklärung setzt die bekannte Folge nicht fort.",
            "The key statement does not continue the known history.",
            "Neueste Schlüssel abrufen und die Erklärung neu erzeugen.",
            "Fetch the newest keys and make the statement again."
        ),
        E::NotAllowed(_) => words!(
            "not-allowed",
            "Dieser Schlüssel darf das nicht oder nicht mehr.",
            "This key may not, or may no longer, do this.",
            "Mit einem gültigen Schlüssel der Partei unterschreiben.",
            "Sign with one of the party's current keys."
        ),
        E::Operator(_) => words!(
            "not-delegated",
            "Der Betreiber hat diesen Schlüssel dafür nicht ermächtigt.",
            "The operator did not delegate this key for this.",
            "Mit dem Beglaubigungsschlüssel des Betreibers unterschreiben.",
            "Sign with the operator's certification key."
        ),
        E::NotCertified => words!(
            "not-certified",
            "Die Behörde hat kein gültiges Zertifikat.",
            "The authority has no certificate in force.",
            "Beim Betreiber ein Zertifikat beantragen.",
            "Ask the operator for a certificate."
        ),
        E::SupersededSenderKeys => words!(
            "superseded-sender-keys",
            "Die Schlüssel des Absenders haben sich geändert.",
            "The sender's keys have changed.",
            "Neu erzeugen mit der neuesten Schlüsselerklärung.",
            "Make it again with the newest key statement."
        ),
        E::SupersededRecipientKeys => words!(
            "superseded-recipient-keys",
            "Die Schlüssel des Empfängers haben sich geändert.",
            "The recipient's keys have changed.",
            "Schlüssel neu abrufen und neu verschlüsseln.",
            "Fetch the keys and encrypt again."
        ),
        E::UnknownReference => words!(
            "unknown-reference",
            "Die Erklärung verweist auf etwas, das hier nicht bekannt ist.",
            "The statement refers to something that is not known here.",
            "Verweis prüfen und neu erzeugen.",
            "Check the reference and make it again."
        ),
        E::BindingNotInForce => words!(
            "binding-not-in-force",
            "Die Bindung zwischen Behörde und Person gilt nicht oder nicht mehr.",
            "The binding between authority and person is not, or no longer, in force.",
            "Auf Papier zustellen oder neu einladen („postfach letter“).",
            "Deliver on paper or invite again ('postfach letter')."
        ),
        E::AlreadyBound => words!(
            "already-bound",
            "Die Adresse ist schon an diese Behörde gebunden.",
            "The address is already bound to this authority.",
            "Nichts zu tun; zum Wechsel erst die alte Bindung zurücknehmen.",
            "Nothing to do; to change it, withdraw the old binding first."
        ),
        E::ClaimAnswered => words!(
            "claim-answered",
            "Über diesen Antrag ist schon entschieden.",
            "This claim was answered before.",
            "Antrag neu laden.",
            "Load the claim again."
        ),
        E::TooManyClaims => words!(
            "too-many-claims",
            "Zu viele Versuche mit diesem Code oder dieser Adresse.",
            "Too many attempts with this code or this address.",
            "Bei der Behörde, die den Brief schickte, einen neuen Brief verlangen.",
            "Ask the authority that sent the letter for a new one."
        ),
        E::NoConsent => words!(
            "no-consent",
            "Die Person hat der elektronischen Bekanntgabe oder Zustellung nicht zugestimmt.",
            "The person has not consented to electronic notification or service.",
            "Ohne Rechtsregel senden, um Zustimmung bitten oder auf Papier zustellen.",
            "Send without a legal rule, ask for consent, or deliver on paper."
        ),
        E::AlreadyConsented => words!(
            "already-consented",
            "Diese Zustimmung gilt schon.",
            "This consent is already in force.",
            "Nichts zu tun.",
            "Nothing to do."
        ),
        E::AlreadyEnded => words!(
            "already-ended",
            "Das ist schon beendet.",
            "This has ended already.",
            "Nichts zu tun.",
            "Nothing to do."
        ),
        E::ObjectionTooLate => words!(
            "objection-too-late",
            "Die Frist für den Widerspruch gegen die Nachfolge ist vorbei.",
            "The time to object to the succession is over.",
            "An die Behörde wenden, die die Nachfolge erklärt hat.",
            "Contact the authority that declared the succession."
        ),
        E::NoAuthority => words!(
            "no-authority",
            "Keine der beiden Seiten ist eine beglaubigte Behörde.",
            "Neither side is a certified authority.",
            "Dieses Postfach verbindet Behörden und Bürger; Empfänger prüfen.",
            "This mailbox connects authorities and citizens; check the recipient."
        ),
        E::WrongPrevious => words!(
            "wrong-previous",
            "Der Umschlag nennt einen anderen Vorgänger als den zuletzt quittierten.",
            "The envelope names another predecessor than the last receipted one.",
            "Gesendetes abgleichen und mit dem richtigen Vorgänger neu unterschreiben.",
            "Synchronise what was sent and sign again with the right predecessor."
        ),
        E::Binding(_) => words!(
            "content-mismatch",
            "Ein Teil des Umschlags ist nicht der, den der signierte Kopf nennt.",
            "A part of the envelope is not the one that the signed header names.",
            "Den Umschlag unverändert noch einmal senden oder neu erzeugen.",
            "Send the envelope again unchanged, or make it again."
        ),
        E::EnvelopeIdTaken => words!(
            "envelope-id-taken",
            "Diese Umschlagnummer wurde schon für einen anderen Umschlag benutzt.",
            "This envelope id was used for another envelope.",
            "Eine neue Nummer wählen; derselbe Umschlag bekommt dieselbe Quittung.",
            "Choose a new id; the same envelope gets the same receipt."
        ),
        E::UnknownEnvelope => words!(
            "unknown-envelope",
            "Diesen Umschlag gibt es für Sie nicht.",
            "There is no such envelope for you.",
            "Verweis prüfen.",
            "Check the reference."
        ),
        E::ProvisionEnded => words!(
            "provision-ended",
            "Die Nachricht wurde nicht rechtzeitig abgerufen; ihre Bereitstellung ist beendet (VwVfG § 41 Abs. 2a).",
            "The letter was not retrieved in time; its provision has ended (VwVfG section 41(2a)).",
            "Bei der Behörde nachfragen: Sie muss den Verwaltungsakt erneut bekannt geben.",
            "Ask the authority: it has to notify the act again."
        ),
        E::MailboxClosed => words!(
            "mailbox-closed",
            "Das Postfach ist geschlossen.",
            "The mailbox is closed.",
            "Post an diese Person auf Papier senden. Ein neues Postfach braucht einen neuen Brief der Behörde.",
            "Send mail to this person on paper. A new mailbox needs a new letter of the authority."
        ),
        E::AuthorityCloses => words!(
            "authority-closes",
            "Eine Behörde schließt ihr Postfach nicht selbst.",
            "An authority does not close its mailbox itself.",
            "Beim Betreiber den Widerruf des Zertifikats verlangen.",
            "Ask the operator to revoke the certificate."
        ),
        E::Deleted => words!(
            "deleted",
            "Der Umschlag wurde vom Empfänger gelöscht.",
            "The envelope was deleted by the recipient.",
            "Der Inhalt wird nicht mehr ausgegeben; Nachweis und Fristen bleiben. Den Absender um eine Kopie bitten.",
            "The content is not served any more; evidence and periods remain. Ask the sender for a copy."
        ),
        E::NotDecided => words!(
            "not-decided",
            "Eine förmliche Zustellung lässt sich erst löschen, wenn sie abgeholt, abgelehnt, zurückgenommen oder abgelaufen ist.",
            "Registered mail can be deleted only after it was retrieved, refused, withdrawn, or has expired.",
            "Zuerst abholen oder ablehnen. Fristen können auch ohne das laufen.",
            "Retrieve or refuse it first. Periods may run without that, too."
        ),
        E::Withdrawn => words!(
            "withdrawn",
            "Der Absender hat den Umschlag zurückgenommen.",
            "The sender withdrew the envelope.",
            "Beim Absender nachfragen.",
            "Ask the sender."
        ),
        E::AlreadyHandedOver => words!(
            "already-handed-over",
            "Der Umschlag wurde schon abgeholt.",
            "The envelope was handed over already.",
            "Zurücknehmen oder ablehnen geht nicht mehr.",
            "It can no longer be withdrawn or refused."
        ),
        E::NotHandedOver => words!(
            "not-handed-over",
            "Der Umschlag wurde noch nicht abgeholt.",
            "The envelope was not handed over yet.",
            "Zuerst abholen.",
            "Ask for the handover first."
        ),
        E::AlreadyAnswered => words!(
            "already-answered",
            "Sie haben diese Zustellung schon angenommen oder abgelehnt.",
            "You accepted or refused this delivery before.",
            "Nichts zu tun.",
            "Nothing to do."
        ),
        E::OtherAgeHeaders => words!(
            "other-age-headers",
            "Die Anforderung nennt andere Teile, als der Umschlag hat.",
            "The request names other parts than the envelope has.",
            "Kopf neu laden und noch einmal anfordern.",
            "Load the header and ask again."
        ),
        E::SeenHead => words!(
            "seen-head",
            "Das Postfach passt nicht zu dem Stand, den Sie zuletzt gesehen haben.",
            "The mailbox does not fit the state that you last saw.",
            "Aufbewahrten Stand sichern und dem Betreiber und der Aufsicht melden.",
            "Keep the state that you have and report it to the operator and the supervisor."
        ),
        E::OtherManifest => words!(
            "other-manifest",
            "Die Erklärung nennt einen anderen Inhalt als der Kopf.",
            "The statement names other content than the header.",
            "Umschlag neu öffnen; weicht der Inhalt ab, das als Fehler melden.",
            "Open the envelope again; if the content differs, report a failure."
        ),
        E::TooManyStatements => words!(
            "too-many-statements",
            "Zu diesem Umschlag haben Sie schon so viele Erklärungen abgegeben, wie aufbewahrt werden.",
            "You have said as much of this envelope as is kept.",
            "Nichts zu tun; der Umschlag bleibt lesbar.",
            "Nothing to do; the envelope stays readable."
        ),
        E::BadMailAddress => words!(
            "bad-mail-address",
            "An diese E-Mail-Adresse kann nicht geschrieben werden.",
            "This e-mail address cannot be written to.",
            "Eine Adresse der Form name@domain angeben; Domains in ASCII-Form (xn--…).",
            "Give an address of the form name@domain; domains in their ASCII form (xn--…)."
        ),
        E::UnknownVault => words!(
            "unknown-vault",
            "Hier sind keine Schlüssel für dieses Gerät oder Blatt hinterlegt.",
            "No keys are kept here for this device or sheet.",
            "Code prüfen; wurde das Gerät entfernt, auf einem anderen Gerät neu hinzufügen.",
            "Check the code; if the device was removed, add it again on another device."
        ),
        E::VaultChanged => vault_changed(),
        E::TooManyVaults => too_many_vaults(),
        E::ContactsFull => words!(
            "contacts-full",
            "Die Adresse für Benachrichtigungen wurde so oft geändert, wie aufbewahrt wird.",
            "The address for notifications was changed as often as is kept.",
            "Abbestellen geht weiterhin („postfach party contact --none“).",
            "Ending notifications still works ('postfach party contact --none')."
        ),
        E::RelationFull => words!(
            "relation-full",
            "Zwischen dieser Adresse und der Behörde stehen schon so viele Erklärungen, wie aufbewahrt werden.",
            "As many statements as are kept stand between this address and the authority.",
            "Beenden geht weiterhin; für Neues eine neue Adresse einrichten.",
            "Ending them still works; set up a new address for new ones."
        ),
        E::ReservedField(_) => words!(
            "reserved-field",
            "Die Erklärung benutzt ein Feld, das noch keine Regel hat.",
            "The statement uses a field that has no rule yet.",
            "Ohne Vollmacht, Mandant, Zwischenstelle und fremden Betreiber neu erzeugen.",
            "Make it again without mandate, tenant, provider and other operator."
        ),
        E::UploadNotAllowed => words!(
            "upload-not-allowed",
            "Hochladen dürfen Behörden und Personen, die mit einer Behörde verbunden sind.",
            "Authorities, and persons bound by one, may upload.",
            "Erst mit dem Brief der Behörde anmelden („postfach party enrol“).",
            "Enrol with the authority's letter first ('postfach party enrol')."
        ),
        E::KeyNotDelegated => words!(
            "key-not-delegated",
            "Der Server kann gerade keine gültigen Quittungen ausstellen; nichts wurde gespeichert.",
            "The server cannot issue valid receipts at the moment; nothing was stored.",
            "Später noch einmal senden; der Betreiber muss seine Schlüssel neu ermächtigen.",
            "Send again later; the operator must delegate its working keys anew."
        ),
        E::Contention => words!(
            "contention",
            "Gerade ändert sich hier zu viel gleichzeitig.",
            "Too much is changing here at once.",
            "Gleich noch einmal senden; nichts wurde gespeichert.",
            "Send again shortly; nothing was stored."
        ),
        E::Commit(error) => commit_words(error),
        E::Read(ReadError::Range { .. }) => words!(
            "range",
            "Der angeforderte Bereich liegt außerhalb des Teils.",
            "The range lies outside the part.",
            "Länge abfragen und einen Bereich darin anfordern.",
            "Ask for the length and request a range within it."
        ),
        E::Read(_) | E::Damaged => words!(
            "storage",
            "Der Server kann seine Daten gerade nicht lesen.",
            "The server cannot read its data at the moment.",
            "Später noch einmal versuchen; der Betreiber ist benachrichtigt.",
            "Try again later; the operator sees this in the server's log."
        ),
        E::Upload(error) => upload_words(error),
    }
}

fn commit_words(error: &CommitError) -> Words {
    match error {
        CommitError::UnknownUpload { .. } => words!(
            "unknown-upload",
            "Diese hochgeladene Datei gibt es bei Ihnen nicht.",
            "You have no such upload.",
            "Den Teil erst hochladen.",
            "Upload the part first."
        ),
        CommitError::IncompleteUpload { .. } => words!(
            "incomplete-upload",
            "Eine Datei ist noch nicht ganz hochgeladen.",
            "An upload is not complete.",
            "Hochladen fortsetzen und dann noch einmal senden.",
            "Continue the upload, then send again."
        ),
        CommitError::LengthMismatch { .. } | CommitError::PayloadMismatch { .. } => words!(
            "payload-mismatch",
            "Eine hochgeladene Datei ist nicht die, die der Kopf nennt.",
            "An upload is not the part that the header names.",
            "Den Teil noch einmal hochladen.",
            "Upload the part again."
        ),
        CommitError::VaultChanged => vault_changed(),
        CommitError::TooManyVaults { .. } => too_many_vaults(),
        CommitError::UploadTaken { .. } => words!(
            "upload-taken",
            "Die hochgeladene Datei gehört schon zu einem anderen Umschlag.",
            "The upload already belongs to another envelope.",
            "Den Teil für diesen Umschlag neu verschlüsseln und hochladen.",
            "Encrypt and upload the part for this envelope."
        ),
        CommitError::TooLarge { .. } => words!(
            "too-large",
            "Die Einlieferung ist zu groß.",
            "The submission is too large.",
            "Große Anlagen hochladen statt einbetten.",
            "Upload large attachments instead of embedding them."
        ),
        CommitError::Full => words!(
            "disk-full",
            "Der Server hat keinen Speicherplatz mehr; nichts wurde gespeichert.",
            "The server has no space left; nothing was stored.",
            "Später noch einmal senden; es geht nichts verloren.",
            "Send again later; nothing is lost."
        ),
        CommitError::Busy | CommitError::Conflict { .. } | CommitError::Objects => words!(
            "busy",
            "Der Server ist gerade überlastet; nichts wurde gespeichert.",
            "The server is overloaded; nothing was stored.",
            "Gleich noch einmal senden.",
            "Send again shortly."
        ),
        CommitError::Stopped => words!(
            "stopped",
            "Der Server nimmt gerade nichts an.",
            "The server is not accepting anything at the moment.",
            "Später noch einmal senden; dieselbe Sendung bekommt dieselbe Quittung.",
            "Send again later; the same submission gets the same receipt."
        ),
        CommitError::Duplicate { .. }
        | CommitError::UnknownStatement { .. }
        | CommitError::StrayPart { .. }
        | CommitError::Empty => words!(
            "internal",
            "Im Server ist ein Fehler passiert; nichts wurde gespeichert.",
            "An error happened in the server; nothing was stored.",
            "Noch einmal senden; bleibt der Fehler, dem Betreiber melden.",
            "Send again; if this goes on, tell the operator."
        ),
    }
}

fn upload_words(error: &UploadError) -> Words {
    match error {
        UploadError::Unknown => words!(
            "unknown-upload",
            "Diese hochgeladene Datei gibt es bei Ihnen nicht.",
            "You have no such upload.",
            "Das Hochladen neu beginnen.",
            "Start the upload again."
        ),
        UploadError::OtherLength { .. } => words!(
            "upload-length",
            "Unter dieser Nummer läuft schon ein Hochladen mit anderer Länge.",
            "An upload with this id has another length.",
            "Eine neue Nummer wählen.",
            "Choose a new id."
        ),
        UploadError::Offset { .. } => words!(
            "upload-offset",
            "Das Hochladen geht an einer anderen Stelle weiter.",
            "The upload continues elsewhere.",
            "Beim genannten Byte fortsetzen.",
            "Continue at the byte given."
        ),
        UploadError::Unaligned { .. } => words!(
            "upload-unaligned",
            "Die Stücke haben nicht die verlangte Größe.",
            "The pieces do not have the required size.",
            "Vielfache von limits.upload_chunk senden, nur das letzte Stück kürzer.",
            "Send multiples of limits.upload_chunk; only the last may be shorter."
        ),
        UploadError::Length { .. } => words!(
            "too-large",
            "Die Länge liegt außerhalb des Erlaubten.",
            "The length is outside what is allowed.",
            "Grenzen in /v1/info beachten.",
            "See the limits in /v1/info."
        ),
        UploadError::Incomplete { .. } => words!(
            "incomplete-upload",
            "Die Datei ist noch nicht ganz hochgeladen.",
            "The upload is not complete.",
            "Hochladen fortsetzen.",
            "Continue the upload."
        ),
        UploadError::Quota(_) => words!(
            "too-many-uploads",
            "Sie haben zu viele oder zu große unfertige Sendungen auf dem Server.",
            "You have too many or too large unfinished uploads on the server.",
            "Eine davon absenden oder verwerfen; sonst verfallen sie von selbst (limits.upload_days).",
            "Send or discard one of them; otherwise they expire by themselves (limits.upload_days)."
        ),
        UploadError::Taken => words!(
            "upload-taken",
            "Die hochgeladene Datei gehört schon zu einem Umschlag.",
            "The upload belongs to an envelope.",
            "Nichts zu tun.",
            "Nothing to do."
        ),
        UploadError::Full => words!(
            "disk-full",
            "Der Server hat keinen Speicherplatz mehr.",
            "The server has no space left.",
            "Später beim selben Byte fortsetzen.",
            "Continue later at the same byte."
        ),
        UploadError::Objects { .. } | UploadError::Stopped => words!(
            "storage",
            "Der Server kann gerade nicht speichern.",
            "The server cannot store at the moment.",
            "Später beim selben Byte fortsetzen.",
            "Continue later at the same byte."
        ),
    }
}

fn vault_changed() -> Words {
    words!(
        "vault-changed",
        "Ein anderes Gerät hat die hinterlegten Schlüssel inzwischen geändert.",
        "Another device has changed the kept keys meanwhile.",
        "Neu laden und die Änderung wiederholen.",
        "Load them again and repeat the change."
    )
}

fn too_many_vaults() -> Words {
    words!(
        "too-many-vaults",
        "Es sind schon so viele Geräte hinzugefügt, wie möglich ist.",
        "As many devices as possible have been added already.",
        "Zuerst ein Gerät entfernen.",
        "Remove a device first."
    )
}
