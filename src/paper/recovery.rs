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
            "Mit diesem Blatt bekommen Sie Ihr Postfach zurück, wenn Ihr Handy oder Computer verloren geht oder \
             kaputt ist. Niemand sonst kann Ihnen dann helfen: Wir haben keine Kopie dieses Schlüssels.",
            "With this sheet you get your mailbox back when your phone or computer is lost or broken. Nobody else can \
             help you then: we have no copy of this key.",
        ))
        .panel(Panel {
            code: Code {
                label: say("Ihr Ersatzschlüssel", "Your recovery key").to_owned(),
                groups: sheet.secret_groups.clone(),
                per_line: 4,
            },
            notes: vec![Text::from(say(
                "Wer dieses Blatt hat, kann Ihre Post lesen.",
                "Whoever has this sheet can read your mail.",
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
            "Drucken Sie sofort ein neues aus, solange Sie noch ein Gerät mit Ihrem Postfach haben. Haben Sie keines \
             mehr, brauchen Sie einen neuen Brief von Ihrer Behörde. Alte Nachrichten bleiben dann verschlossen.",
            "Print a new one at once, while you still have a device with your mailbox. If you have none, you need a new \
             letter from your authority. Old messages then stay locked.",
        ))
        .heading(2, say("Ihr Postfach", "Your mailbox"))
        .paragraph(Text::from(say("Adresse: ", "Address: ")).mono(&sheet.address))
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
            Text::from("Öffnen Sie auf dem neuen Gerät: ").bold(&sheet.service_address),
            Text::from("Wählen Sie „Postfach wiederherstellen“."),
            Text::from(
                "Scannen Sie das Bild oder tippen Sie den Schlüssel ab. Leerzeichen sind egal.",
            ),
        ],
        Language::English => vec![
            Text::from("On the new device, open: ").bold(&sheet.service_address),
            Text::from("Choose “Restore mailbox”."),
            Text::from("Scan the picture or type the key. Spaces do not matter."),
        ],
    }
}
