//! The letter that brings a person the code for their mailbox: the trust anchor of the system.
//!
//! One sheet, plain words, at least 11 point. It asks for nothing and threatens nothing; it says
//! that nobody ever asks for the code, and what to do when the letter was not expected.

use super::{
    Code, Date, Document, Language, Letter, Letterhead, Numbering, Panel, PaperError, Properties,
    QrFigure, Text,
};

/// What the authority puts into the letter. It belongs on paper only: it holds the secret.
#[derive(Clone)]
pub struct ActivationLetter {
    /// The authority: name, department, address and telephone lines.
    pub authority: Letterhead,
    /// The authority's address on one line, for the window.
    pub return_line: String,
    /// The person's name, as the letter greets them.
    pub recipient_name: String,
    /// Postal address, the name in its first line; at most six lines.
    pub recipient_address: Vec<String>,
    /// Day of the letter.
    pub date: Date,
    /// The authority's own reference for the person (Kassenzeichen, Aktenzeichen).
    pub reference: String,
    /// Activation code in groups for typing; printed with spaces between them.
    pub code_groups: Vec<String>,
    /// Web address to type, without the code.
    pub service_address: String,
    /// Fingerprint of the operator's key in groups of hexadecimal digits.
    pub fingerprint_groups: Vec<String>,
    /// Last day on which the code works.
    pub expires: Date,
    /// Exactly what the QR code holds: the link whose fragment carries issuer, fingerprint and code.
    pub qr_content: String,
}

/// Makes the letter.
///
/// # Errors
/// Names the fonts cannot print, an address too long for the window, a link too long for a QR code.
pub fn activation_letter(
    letter: &ActivationLetter,
    language: Language,
) -> Result<Vec<u8>, PaperError> {
    let say = |german, english| language.pick(german, english);
    let title = say(
        "Ihr Zugang zu „Mein Postfach“",
        "Your access to “Mein Postfach”",
    );
    let properties = Properties {
        title: title.to_owned(),
        author: letter.authority.name.clone(),
        language,
        date: letter.date,
    };
    let information = vec![
        (
            say("Ihr Zeichen", "Reference").to_owned(),
            letter.reference.clone(),
        ),
        (say("Datum", "Date").to_owned(), letter.date.long(language)),
    ];
    let envelope = Letter {
        return_line: letter.return_line.clone(),
        note: None,
        recipient: letter.recipient_address.clone(),
        information,
    };
    let document = Document::new(properties, letter.authority.clone())
        .letter(envelope)
        .heading(1, title)
        .paragraph(greeting(&letter.recipient_name, language))
        .paragraph(say(
            "mit diesem Brief öffnen Sie Ihr digitales Postfach. Dort bekommen Sie unsere Briefe sicher auf Ihr Handy \
             oder Ihren Computer. Nur Sie können die Briefe lesen. Das Postfach ist freiwillig und kostet Sie nichts. \
             Wenn Sie nichts tun, schreiben wir Ihnen weiter auf Papier.",
            "with this letter you open your digital mailbox. There you receive our letters safely on your phone or \
             computer. Only you can read them. The mailbox is voluntary and free of charge. If you do nothing, we go \
             on writing to you on paper.",
        ))
        .panel(panel(letter, language))
        .heading(2, say("So öffnen Sie Ihr Postfach", "How to open your mailbox"))
        .list(Numbering::Decimal, steps(letter, language))
        .heading(2, say("Der Code ist geheim", "The code is secret"))
        .paragraph(secrecy(language))
        .heading(2, say("Sie haben diesen Brief nicht erwartet?", "You did not expect this letter?"))
        .paragraph(unexpected(letter, language))
        .heading(2, say("Die Prüfzahl", "The check number"))
        .paragraph(say(
            "Wenn Sie den Code eintippen, zeigt Ihr Gerät eine Prüfzahl. Sie muss genau so aussehen wie hier. Ist sie \
             anders, hören Sie bitte auf und rufen Sie uns an. Beim Scannen prüft Ihr Gerät die Zahl selbst.",
            "When you type the code, your device shows a check number. It must look exactly like this one. If it \
             differs, please stop and call us. When you scan, your device checks the number by itself.",
        ))
        .code(Code {
            label: say("Prüfzahl des Betreibers", "Check number of the operator").to_owned(),
            groups: letter.fingerprint_groups.clone(),
            per_line: 8,
        });
    document.finish()
}

fn greeting(name: &str, language: Language) -> String {
    match language {
        Language::German => format!("Guten Tag {name},"),
        Language::English => format!("Dear {name},"),
    }
}

fn panel(letter: &ActivationLetter, language: Language) -> Panel {
    let expires = letter.expires.long(language);
    let note = match language {
        Language::German => Text::from("Der Code gilt ")
            .bold("bis zum ")
            .bold(expires)
            .plain(". Er funktioniert nur einmal."),
        Language::English => Text::from("The code is valid ")
            .bold("until ")
            .bold(expires)
            .plain(". It works once."),
    };
    Panel {
        code: Code {
            label: language.pick("Ihr Code", "Your code").to_owned(),
            groups: letter.code_groups.clone(),
            per_line: 4,
        },
        notes: vec![note],
        qr: QrFigure {
            content: letter.qr_content.clone(),
            alternative: language
                .pick(
                    "QR-Code: öffnet die Seite des Postfachs mit dem Code, der daneben steht.",
                    "QR code: opens the mailbox page with the code printed beside it.",
                )
                .to_owned(),
            caption: language.pick("Zum Scannen", "Scan me").to_owned(),
        },
    }
}

fn steps(letter: &ActivationLetter, language: Language) -> Vec<Text> {
    let address = &letter.service_address;
    match language {
        Language::German => vec![
            Text::from("Richten Sie die Kamera Ihres Handys auf das Bild im Kasten. Oder tippen Sie am Computer diese \
                        Adresse ein: ").bold(address),
            Text::from("Beim Scannen ist der Code schon da. Sonst tippen Sie ihn ab. Leerzeichen sind egal."),
            Text::from("Folgen Sie den Schritten auf dem Bildschirm. Zuletzt drucken Sie Ihr Ersatzblatt aus. Heben \
                        Sie es gut auf."),
        ],
        Language::English => vec![
            Text::from("Point the camera of your phone at the picture in the box. Or type this address on a computer: ")
                .bold(address),
            Text::from("When you scan, the code is already there. Otherwise type it in. Spaces do not matter."),
            Text::from("Follow the steps on the screen. At the end, print your recovery sheet. Keep it in a safe place."),
        ],
    }
}

fn secrecy(language: Language) -> Text {
    match language {
        Language::German => Text::default()
            .bold("Niemand wird Sie je nach dem Code fragen")
            .plain(": nicht am Telefon, nicht per E-Mail oder SMS, nicht an der Haustür. Auch wir nicht. Wer danach \
                    fragt, will Sie betrügen. Legen Sie auf. Rufen Sie uns dann an."),
        Language::English => Text::default()
            .bold("Nobody will ever ask you for the code")
            .plain(": not by telephone, not by e-mail or text message, not at your door. Nor will we. Whoever asks for \
                    it wants to cheat you. Hang up. Then call us."),
    }
}

fn unexpected(letter: &ActivationLetter, language: Language) -> String {
    let expires = letter.expires.long(language);
    match language {
        Language::German => format!(
            "Dann müssen Sie nichts tun. Geben Sie den Brief niemandem. Nach dem {expires} ist der Code wertlos. Haben \
             Sie Fragen? Wie Sie uns erreichen, steht oben auf Seite\u{a0}1."
        ),
        Language::English => format!(
            "Then you need not do anything. Do not give the letter to anyone. After {expires} the code is worthless. \
             Any questions? You find how to reach us at the top of page\u{a0}1."
        ),
    }
}
