//! The sheet that brings a mailbox back when every device is lost. One page, kept by its owner.

use super::{
    Code, Date, Document, Language, Letterhead, Numbering, Panel, PaperError, Properties, QrFigure,
    Text,
};

/// What stands on the sheet. It belongs on paper only: it holds the secret.
#[derive(Clone)]
pub struct RecoverySheet {
    /// Whose mailbox, in the owner's words ("Postfach von Maria Huber").
    pub label: String,
    /// The mailbox address.
    pub address: String,
    /// Web address of the service.
    pub service_address: String,
    /// The operator's root key in hexadecimal digits: whom a new device is to trust.
    pub root_key: String,
    /// Day of printing.
    pub date: Date,
    /// The recovery secret in groups for typing; printed with spaces between them.
    pub secret_groups: Vec<String>,
    /// Exactly what the QR code holds.
    pub qr_content: String,
}

/// Makes the sheet.
///
/// # Errors
/// A label the fonts cannot print, a secret too long for a QR code.
pub fn recovery_sheet(sheet: &RecoverySheet, language: Language) -> Result<Vec<u8>, PaperError> {
    let say = |german, english| language.pick(german, english);
    let title = say("Ihr Ersatzblatt", "Your recovery sheet");
    let properties = Properties {
        title: title.to_owned(),
        author: sheet.label.clone(),
        language,
        date: sheet.date,
    };
    let head = Letterhead {
        name: "Mein Postfach".to_owned(),
        office: sheet.label.clone(),
        lines: vec![
            format!(
                "{} {}",
                say("Gedruckt am", "Printed on"),
                sheet.date.long(language)
            ),
            sheet.service_address.clone(),
        ],
    };
    Document::new(properties, head)
        .heading(1, title)
        .paragraph(say(
            "Mit diesem Blatt bekommen Sie Ihr Postfach zurück, wenn Ihr Gerät verloren geht, kaputt ist oder gestohlen \
             wird. Niemand sonst kann Ihnen dann helfen: Wir haben keine Kopie dieses Schlüssels. Post, die vorher \
             kam, bleibt ohne die alten Schlüssel verschlossen; der Absender muss sie noch einmal senden.",
            "With this sheet you get your mailbox back when your device is lost, broken or stolen. Nobody else can help \
             you then: we have no copy of this key. Mail that came before stays locked without the old keys; the sender \
             has to send it again.",
        ))
        .panel(Panel {
            code: Code {
                label: say("Ihr Ersatzschlüssel", "Your recovery key").to_owned(),
                groups: sheet.secret_groups.clone(),
                per_line: 4,
            },
            notes: vec![Text::from(say(
                "Wer dieses Blatt hat, kann Ihr Postfach übernehmen.",
                "Whoever has this sheet can take over your mailbox.",
            ))],
            qr: QrFigure {
                content: sheet.qr_content.clone(),
                alternative: say(
                    "QR-Code: enthält den Ersatzschlüssel, der daneben steht.",
                    "QR code: holds the recovery key printed beside it.",
                )
                .to_owned(),
                caption: say("Zum Scannen", "Scan me").to_owned(),
            },
        })
        .heading(2, say("So heben Sie das Blatt auf", "How to keep this sheet"))
        .list(Numbering::Bullets, keeping(language))
        .heading(2, say("So bekommen Sie Ihr Postfach zurück", "How to get your mailbox back"))
        .list(Numbering::Decimal, restoring(sheet, language))
        .heading(2, say("Das Blatt ist weg?", "The sheet is gone?"))
        .paragraph(say(
            "Ein neues gibt es nur gegen dieses, damit ein Dieb mit Ihrem Gerät es nicht ersetzen kann. Verlangen Sie \
             von Ihrer Behörde einen neuen Brief und öffnen Sie damit ein neues Postfach, solange Sie das alte noch \
             lesen können.",
            "There is a new one only in exchange for this one, so that a thief with your device can't replace it. Ask \
             your authority for a new letter and open a new mailbox with it, while you can still read the old one.",
        ))
        .heading(2, say("Ihr Postfach", "Your mailbox"))
        .paragraph(Text::from(say("Adresse: ", "Address: ")).mono(&sheet.address))
        .paragraph(
            Text::from(say("Wurzelschlüssel des Betreibers: ", "Operator's root key: "))
                .mono(&sheet.root_key),
        )
        .finish()
}

fn keeping(language: Language) -> Vec<&'static str> {
    match language {
        Language::German => vec![
            "Legen Sie es zu Ihren wichtigen Papieren, etwa zum Reisepass.",
            "Machen Sie kein Foto davon und speichern Sie es nicht auf einem Gerät.",
            "Geben Sie den Schlüssel niemandem, auch nicht am Telefon. Niemand von uns wird danach fragen.",
        ],
        Language::English => vec![
            "Put it with your important papers, for example your passport.",
            "Do not take a photo of it and do not store it on a device.",
            "Do not give the key to anyone, not even on the telephone. None of us will ever ask for it.",
        ],
    }
}

fn restoring(sheet: &RecoverySheet, language: Language) -> Vec<Text> {
    match language {
        Language::German => vec![
            Text::from("Rufen Sie auf dem neuen Gerät auf: ").mono("postfach key recover"),
            Text::from("Geben Sie mit --service, --address und --root an: ")
                .bold(&sheet.service_address)
                .plain(", Adresse und Wurzelschlüssel von unten."),
            Text::from("Tippen Sie den Ersatzschlüssel ab, wenn danach gefragt wird."),
            Text::from("Drucken Sie das neue Ersatzblatt. Dieses gilt dann nicht mehr."),
        ],
        Language::English => vec![
            Text::from("On the new device, run: ").mono("postfach key recover"),
            Text::from("With --service, --address and --root, give: ")
                .bold(&sheet.service_address)
                .plain(", and address and root key from below."),
            Text::from("Type the recovery key when you are asked for it."),
            Text::from("Print the new recovery sheet. This one then no longer counts."),
        ],
    }
}
