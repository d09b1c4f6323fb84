//! The papers of the demonstration: what Markt Postbauer-Heng and Frau Huber send each other.
//!
//! The authority and the court are real, the people, dogs, amounts and the bank account are
//! invented, and every page says so. German in every language: they stand for official German
//! notices. The same dates give the same bytes.
//!
//! Sources of the wording: KAG Art. 3, 10, 13; AO §§ 122, 157; AGVwGO Art. 12; VwGO §§ 55d, 70, 74,
//! 75, 80, 81; LStVG Art. 18; VwZVG Art. 2, 5, 29, 31, 36. It shows the shape of a notice and is no
//! legal advice.

use crate::paper::{
    Alignment, Column, Date, Document, Language, Letter, Letterhead, Numbering, PaperError,
    Properties, Table, Text,
};

/// Where the citizen is told that a letter waits.
pub const MAIL_ADDRESS: &str = "maria@mail.demo.invalid";
/// Name of the authority in the story.
pub const AUTHORITY: &str = "Markt Postbauer-Heng";
/// Its official municipality key (AGS): Bavaria 09, Upper Palatinate 3, district 73 Neumarkt, 155.
pub const AUTHORITY_AGS: &str = "09373155";
/// The authority's reference for Frau Huber.
pub const REFERENCE: &str = "4711";
/// The citizen in the story.
pub const CITIZEN: &str = "Maria Huber";

const RETURN_LINE: &str = "Markt Postbauer-Heng · Centrum 3 · 92353 Postbauer-Heng";
const FOOTER: &str = "Muster zur Vorführung – kein echtes Schreiben";
const COURT: &str =
    "Bayerischen Verwaltungsgericht Regensburg, Haidplatz\u{a0}1, 93047\u{a0}Regensburg";

/// A file as it is attached to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFile {
    /// File name.
    pub name: String,
    /// Media type.
    pub media_type: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The authority's letterhead, for its notices and its activation letter.
#[must_use]
pub fn letterhead(office: &str) -> Letterhead {
    Letterhead {
        name: AUTHORITY.to_owned(),
        office: office.to_owned(),
        lines: [
            "Centrum 3",
            "92353 Postbauer-Heng",
            "Telefon 09188 0000-00",
            "rathaus@markt.example",
        ]
        .map(str::to_owned)
        .to_vec(),
    }
}

/// The authority's address on one line, for the window of an envelope.
#[must_use]
pub fn return_line() -> &'static str {
    RETURN_LINE
}

/// Frau Huber's postal address.
#[must_use]
pub fn citizen_address() -> Vec<String> {
    [CITIZEN, "Musterweg 12", "92353 Postbauer-Heng"]
        .map(str::to_owned)
        .to_vec()
}

/// The dog-tax notice of `date` for that calendar year, three pages.
///
/// # Errors
/// None that its fixed text can cause; the PDF library's own.
pub fn dog_tax_notice(date: Date) -> Result<DemoFile, PaperError> {
    let year = date.year();
    let title = format!("Hundesteuerbescheid für das Kalenderjahr {year}");
    let document = notice(&title, "Steueramt", date, None, "925-4711")
        .heading(1, &title)
        .paragraph("Sehr geehrte Frau Huber,")
        .paragraph("für Ihre beiden Hunde setzen wir die Hundesteuer fest. Dieser Bescheid gilt für das Kalenderjahr \
                    und ersetzt frühere Bescheide für dieselbe Zeit.")
        .heading(2, "1. Festsetzung")
        .table(assessment())
        .heading(2, "2. Fälligkeit")
        .paragraph(Text::from("Die Jahressteuer von ").bold("150,00\u{a0}€")
            .plain(" zahlen Sie in vier gleichen Teilen:"))
        .table(instalments(date))
        .paragraph(Text::from("Bitte überweisen Sie auf das Konto DE00\u{a0}7600\u{a0}0000\u{a0}0000\u{a0}4711\u{a0}00 \
                    (Musterkonto) und geben Sie das ").bold("Kassenzeichen\u{a0}4711").plain(" an. Haben Sie uns ein \
                    SEPA-Lastschriftmandat erteilt, buchen wir die Teilbeträge ab; dann müssen Sie nichts tun."))
        .paragraph("Wird ein Teilbetrag nicht bis zum Ablauf des Fälligkeitstags entrichtet, entsteht für jeden \
                    angefangenen Monat der Säumnis ein Säumniszuschlag von 1\u{a0}Prozent des abgerundeten \
                    rückständigen Betrags (Art.\u{a0}13 KAG in Verbindung mit §\u{a0}240 AO).")
        .heading(2, "3. Gründe")
        .paragraph("Der Markt Postbauer-Heng erhebt auf Grund von Art.\u{a0}3 Abs.\u{a0}1 des Kommunalabgabengesetzes \
                    (KAG) und seiner Satzung für die Erhebung der Hundesteuer (Hundesteuersatzung) eine Steuer auf das \
                    Halten von Hunden, die über vier Monate alt sind.")
        .paragraph("Sie halten in Ihrem Haushalt zwei Hunde. Als Halterin schulden Sie die Steuer. Für den ersten Hund \
                    beträgt sie nach der Hundesteuersatzung 50,00\u{a0}€, für jeden weiteren Hund 100,00\u{a0}€ im \
                    Jahr. Tatbestände für eine Ermäßigung oder Befreiung haben Sie nicht geltend gemacht; sie sind uns \
                    auch sonst nicht bekannt. Den Wortlaut der maßgeblichen Vorschriften haben wir als Auszug \
                    beigefügt.")
        .paragraph("Die Steuer entsteht mit Beginn des Kalenderjahres oder, wenn die Haltung erst im Lauf des Jahres \
                    beginnt, mit dem Beginn des Monats, in dem der Tatbestand verwirklicht wird. Endet die Haltung, \
                    endet auch die Steuerpflicht mit Ablauf des Monats. Zu viel gezahlte Beträge erstatten wir.")
        .heading(2, "4. Ihre Pflichten")
        .list(Numbering::Bullets, [
            "Melden Sie uns innerhalb von zwei Wochen, wenn Sie einen Hund abgeben, er verendet oder Sie wegziehen.",
            "Befestigen Sie die Steuermarke am Halsband, wenn der Hund die Wohnung oder Ihr Grundstück verlässt.",
            "Teilen Sie uns mit, wenn ein Grund für eine Ermäßigung wegfällt.",
            "Schicken Sie uns bitte bis Ende des Quartals einen Nachweis der gültigen Tollwutimpfung. Eine Aufnahme \
             des Impfpasses genügt; antworten Sie einfach auf diese Nachricht.",
        ])
        .page_break()
        .heading(2, "Rechtsbehelfsbelehrung")
        .paragraph("Gegen diesen Bescheid können Sie innerhalb eines Monats nach seiner Bekanntgabe entweder \
                    Widerspruch einlegen (siehe Nummer\u{a0}1) oder unmittelbar Klage erheben (siehe Nummer\u{a0}2).")
        .heading(3, "1. Wenn Sie Widerspruch einlegen")
        .paragraph("Der Widerspruch ist schriftlich, elektronisch in einer für den Schriftformersatz zugelassenen Form \
                    oder zur Niederschrift beim Markt Postbauer-Heng, Centrum\u{a0}3, 92353\u{a0}Postbauer-Heng, \
                    einzulegen. Wird über den Widerspruch ohne zureichenden Grund in angemessener Frist sachlich nicht \
                    entschieden, können Sie Klage erheben, und zwar in der Regel nicht vor Ablauf von drei Monaten \
                    seit der Einlegung des Widerspruchs.")
        .heading(3, "2. Wenn Sie unmittelbar Klage erheben")
        .paragraph(format!("Die Klage ist beim {COURT}, schriftlich, zur Niederschrift des Urkundsbeamten der \
                    Geschäftsstelle oder elektronisch in einer für den Schriftformersatz zugelassenen Form zu erheben. \
                    Sie muss den Kläger, den Beklagten (Markt Postbauer-Heng) und den Gegenstand des Klagebegehrens \
                    bezeichnen. Ein bestimmter Antrag und die Angabe der Tatsachen und Beweismittel sollen enthalten \
                    sein. Der Bescheid soll in Abschrift beigefügt werden."))
        .heading(3, "Hinweise zur Rechtsbehelfsbelehrung")
        .list(Numbering::Bullets, [
            "In diesem Rechtsbereich können Sie zwischen Widerspruch und unmittelbarer Klage wählen (Art.\u{a0}12\u{a0}AGVwGO).",
            "Eine einfache E-Mail genügt nicht und hat keine rechtliche Wirkung.",
            "Rechtsanwälte, Behörden und andere Verpflichtete nach §\u{a0}55d VwGO müssen Klagen elektronisch \
             einreichen.",
            "Bei einer Klage vor den Verwaltungsgerichten wird kraft Bundesrechts mit der Erhebung eine \
             Verfahrensgebühr fällig.",
            "Widerspruch und Klage haben bei öffentlichen Abgaben keine aufschiebende Wirkung (§\u{a0}80 Abs.\u{a0}2 \
             Satz\u{a0}1 Nr.\u{a0}1 VwGO). Sie müssen die Steuer also zunächst zahlen.",
        ])
        .heading(3, "Bekanntgabe")
        .paragraph("Stellen wir diesen Bescheid in Ihr Postfach ein, gilt er am vierten Tag nach der Absendung der \
                    Benachrichtigung als bekannt gegeben. Fällt dieser Tag auf einen Samstag, Sonntag oder gesetzlichen \
                    Feiertag, tritt der nächste Werktag an seine Stelle (Art.\u{a0}13 KAG, §\u{a0}122a Abs.\u{a0}4, \
                    §\u{a0}108 Abs.\u{a0}3 AO).")
        .paragraph("Mit freundlichen Grüßen\nMarkt Postbauer-Heng\nSteueramt")
        .paragraph("Dieser Bescheid wurde mit Hilfe automatischer Einrichtungen erlassen und ist ohne Unterschrift \
                    gültig.\nAnlage: Auszug aus der Hundesteuersatzung");
    pdf(format!("Hundesteuerbescheid-{year}.pdf"), &document)
}

/// Attachment to the notice: excerpt from the by-law, with a leaflet.
///
/// # Errors
/// As [`dog_tax_notice`].
pub fn bylaw_excerpt(date: Date) -> Result<DemoFile, PaperError> {
    let title = "Merkblatt zur Hundesteuer mit Auszug aus der Satzung";
    let document = sheet(title, letterhead("Steueramt"), date)
        .heading(1, title)
        .paragraph("Gekürzte Wiedergabe für die Vorführung. Verbindlich ist allein die amtlich bekannt gemachte Fassung.")
        .heading(2, "§\u{a0}1 Steuertatbestand")
        .paragraph("Das Halten eines über vier Monate alten Hundes im Gemeindegebiet unterliegt einer gemeindlichen \
                    Jahresaufwandsteuer. Maßgebend ist das Kalenderjahr.")
        .heading(2, "§\u{a0}3 Steuerschuldner")
        .paragraph("Steuerschuldner ist der Halter des Hundes. Hundehalter ist, wer einen Hund im eigenen Interesse oder \
                    im Interesse seiner Haushaltsangehörigen aufgenommen hat.")
        .heading(2, "§\u{a0}5 Steuersatz")
        .table(Table {
            summary: "Steuersätze je Hund und Jahr".to_owned(),
            columns: vec![column("Hund", 5.0, Alignment::Left), column("Euro im Jahr", 2.0, Alignment::Right)],
            rows: [("für den ersten Hund", "50,00"), ("für jeden weiteren Hund", "100,00"),
                ("für jeden Kampfhund mit Negativzeugnis", "500,00")]
                .map(|(hound, amount)| vec![Text::from(hound), Text::from(amount)]).to_vec(),
            total: None,
        })
        .heading(2, "§\u{a0}6 Ermäßigung und Befreiung")
        .list(Numbering::Bullets, [
            "Steuerfrei sind Hunde, die für Blinde, Taube oder hilflose Menschen unentbehrlich sind, und Hunde der \
             Rettungsdienste nach bestandener Prüfung.",
            "Die Steuer ist um die Hälfte ermäßigt für Hunde in Einöden und Weilern und für Hunde von \
             Jagdausübungsberechtigten mit Brauchbarkeitsprüfung.",
        ])
        .heading(2, "§\u{a0}9 Fälligkeit")
        .paragraph("Die Steuer ist zu je einem Viertel am 15.\u{a0}Februar, 15.\u{a0}Mai, 15.\u{a0}August und \
                    15.\u{a0}November fällig, frühestens jedoch einen Monat nach Bekanntgabe des Bescheids.")
        .heading(2, "§\u{a0}11 Anzeigepflichten")
        .paragraph("Wer einen Hund anschafft, abgibt oder mit ihm zu- oder wegzieht, zeigt das dem Markt innerhalb von \
                    zwei Wochen an. Der Markt gibt für jeden Hund ein Hundezeichen aus.");
    pdf("Merkblatt-Hundesteuersatzung.pdf".to_owned(), &document)
}

/// Registered decision after an `incident`: the dog is to be kept on a leash.
///
/// # Errors
/// As [`dog_tax_notice`].
pub fn leash_order(date: Date, incident: Date) -> Result<DemoFile, PaperError> {
    let title = "Anordnung zum Führen Ihres Hundes an der Leine";
    let day = incident.long(Language::German);
    let document = notice(title, "Ordnungsamt", date, Some("Förmliche Zustellung"), "135-0815")
        .heading(1, title)
        .paragraph("Sehr geehrte Frau Huber,")
        .paragraph("nach dem Vorfall in der Grünanlage am Schloss erlässt der Markt Postbauer-Heng folgenden")
        .heading(2, "Bescheid")
        .list(Numbering::Decimal, [
            "Sie haben Ihren Hund „Wastl“ (Mischling, Steuermarke 0815) innerhalb der im Zusammenhang bebauten \
             Ortsteile und in öffentlichen Grünanlagen an einer reißfesten, höchstens zwei Meter langen Leine zu \
             führen.",
            "Der Hund darf nur von Personen ausgeführt werden, die ihn jederzeit sicher beherrschen.",
            "Die sofortige Vollziehung der Nummern 1 und 2 wird angeordnet.",
            "Für jeden Verstoß gegen Nummer 1 oder 2 wird ein Zwangsgeld von 150,00\u{a0}€ zur Zahlung fällig.",
            "Sie tragen die Kosten des Verfahrens. Die Gebühr beträgt 75,00\u{a0}€.",
        ])
        .heading(2, "Gründe")
        .paragraph(format!("Am {day} lief Ihr Hund unangeleint auf eine Spaziergängerin zu, sprang sie an und \
                    verletzte sie leicht an der Hand. Sie haben den Hergang in der Anhörung bestätigt und bedauert. \
                    Nach Ihren Angaben lässt sich der Hund nicht zuverlässig abrufen."))
        .paragraph("Der Markt ist sachlich und örtlich zuständig. Rechtsgrundlage ist Art.\u{a0}18 Abs.\u{a0}2 des \
                    Landesstraf- und Verordnungsgesetzes (LStVG). Danach können die Gemeinden zum Schutz der dort \
                    genannten Rechtsgüter Anordnungen für den Einzelfall zur Haltung von Hunden treffen. Von einem \
                    großen Hund, der Menschen anspringt, geht eine konkrete Gefahr für die Gesundheit aus. Die Leine \
                    ist geeignet, erforderlich und belastet Sie am wenigsten; außerhalb der bebauten Ortsteile bleibt \
                    der freie Auslauf erlaubt.")
        .paragraph("Die sofortige Vollziehung liegt im öffentlichen Interesse (§\u{a0}80 Abs.\u{a0}2 Satz\u{a0}1 \
                    Nr.\u{a0}4 VwGO). Bis zur Unanfechtbarkeit könnten weitere Menschen verletzt werden. Ihr Interesse \
                    am freien Auslauf im Ort muss dahinter zurückstehen. Das Zwangsgeld stützt sich auf Art.\u{a0}29, \
                    31 und 36 VwZVG, die Kosten auf Art.\u{a0}1, 2 und 6 des Kostengesetzes.")
        .heading(2, "Rechtsbehelfsbelehrung")
        .paragraph(format!("Gegen diesen Bescheid können Sie innerhalb eines Monats nach seiner Zustellung Klage \
                    erheben beim {COURT}, schriftlich, zur Niederschrift des Urkundsbeamten der Geschäftsstelle oder \
                    elektronisch in einer für den Schriftformersatz zugelassenen Form."))
        .list(Numbering::Bullets, [
            "Ein Widerspruchsverfahren findet in diesem Rechtsbereich nicht statt (Art.\u{a0}12\u{a0}AGVwGO).",
            "Eine einfache E-Mail genügt nicht und hat keine rechtliche Wirkung.",
            "Die Klage hat wegen Nummer\u{a0}3 keine aufschiebende Wirkung. Beim selben Gericht können Sie beantragen, \
             sie wiederherzustellen (§\u{a0}80 Abs.\u{a0}5 VwGO).",
        ])
        .paragraph("Mit freundlichen Grüßen\nMarkt Postbauer-Heng\nOrdnungsamt");
    pdf("Anordnung-Leinenpflicht.pdf".to_owned(), &document)
}

/// Frau Huber's reply: the vet's certificate of a rabies vaccination on `vaccinated`.
///
/// # Errors
/// As [`dog_tax_notice`].
pub fn rabies_certificate(vaccinated: Date) -> Result<DemoFile, PaperError> {
    let title = "Bescheinigung über die Impfung gegen Tollwut";
    let head = Letterhead {
        name: "Tierarztpraxis Dr. Beispiel".to_owned(),
        office: "Kleintiere".to_owned(),
        lines: ["Musterstraße 5", "92318 Neumarkt i.\u{a0}d.\u{a0}OPf."]
            .map(str::to_owned)
            .to_vec(),
    };
    let day = vaccinated.numeric();
    let dog = |name: &str, breed: &str, chip: &str| -> Vec<Text> {
        vec![
            Text::default().bold(name),
            breed.into(),
            Text::default().mono(chip),
            day.as_str().into(),
        ]
    };
    let document = sheet(title, head, vaccinated)
        .heading(1, title)
        .paragraph(Text::from("Halterin: ").bold(format!("{CITIZEN}, Musterweg 12, 92353 Postbauer-Heng")))
        .paragraph("Ich habe die folgenden Hunde untersucht und gegen Tollwut geimpft:")
        .table(Table {
            summary: "Geimpfte Hunde mit Rasse, Chipnummer und Tag der Impfung".to_owned(),
            columns: vec![
                column("Hund", 1.6, Alignment::Left),
                column("Rasse", 2.2, Alignment::Left),
                column("Chipnummer", 2.6, Alignment::Left),
                column("geimpft am", 1.8, Alignment::Right),
            ],
            rows: vec![
                dog("Wastl", "Mischling", "276000000004711"),
                dog("Resi", "Rauhaardackel", "276000000004712"),
            ],
            total: None,
        })
        .paragraph("Der Impfschutz ist drei Jahre gültig. Beide Tiere waren am Tag der Impfung klinisch gesund.")
        .paragraph("Dr. Veronika Beispiel, Tierärztin");
    pdf("Tollwutimpfung-Bescheinigung.pdf".to_owned(), &document)
}

fn notice(title: &str, office: &str, date: Date, note: Option<&str>, file: &str) -> Document {
    let information = [
        ("Kassenzeichen", REFERENCE.to_owned()),
        ("Aktenzeichen", file.to_owned()),
        ("Bearbeitung", "Herr Lindner".to_owned()),
        ("Datum", date.long(Language::German)),
    ];
    sheet(title, letterhead(office), date).letter(Letter {
        return_line: RETURN_LINE.to_owned(),
        note: note.map(str::to_owned),
        recipient: std::iter::once("Frau".to_owned())
            .chain(citizen_address())
            .collect(),
        information: information
            .map(|(label, value)| (label.to_owned(), value))
            .to_vec(),
    })
}

fn sheet(title: &str, head: Letterhead, date: Date) -> Document {
    let properties = Properties {
        title: title.to_owned(),
        author: head.name.clone(),
        language: Language::German,
        date,
    };
    Document::new(properties, head).footer(FOOTER)
}

fn assessment() -> Table {
    let row = |dog: &str, tag: &str, months: &str, amount: &str| -> Vec<Text> {
        [dog, tag, months, amount].map(Text::from).to_vec()
    };
    Table {
        summary: "Festgesetzte Hundesteuer je Hund und im Jahr".to_owned(),
        columns: vec![
            column("Hund", 3.4, Alignment::Left),
            column("Steuermarke", 1.8, Alignment::Left),
            column("Monate", 1.2, Alignment::Right),
            column("Jahressteuer", 1.9, Alignment::Right),
        ],
        rows: vec![
            row("1. Hund: Wastl, Mischling", "0815", "12", "50,00\u{a0}€"),
            row(
                "2. Hund: Resi, Rauhaardackel",
                "0816",
                "12",
                "100,00\u{a0}€",
            ),
        ],
        total: Some(row("Summe", "", "", "150,00\u{a0}€")),
    }
}

/// Quarterly instalments. One that would fall due within a month of the notice is due a month after
/// it is made known instead.
fn instalments(date: Date) -> Table {
    let rows = [2, 5, 8, 11]
        .into_iter()
        .zip([
            "1. Teilbetrag",
            "2. Teilbetrag",
            "3. Teilbetrag",
            "4. Teilbetrag",
        ])
        .map(|(month, name)| {
            let two_months_on = date.month() + 2;
            let due = Date::new(date.year(), month, 15)
                .filter(|due| due.month() >= two_months_on)
                .map_or_else(
                    || "einen Monat nach Bekanntgabe".to_owned(),
                    |due| due.long(Language::German),
                );
            [name.to_owned(), due, "37,50\u{a0}€".to_owned()]
                .map(Text::from)
                .to_vec()
        })
        .collect();
    Table {
        summary: "Fälligkeit der vier Teilbeträge".to_owned(),
        columns: vec![
            column("Teilbetrag", 2.0, Alignment::Left),
            column("fällig", 3.4, Alignment::Left),
            column("Betrag", 1.6, Alignment::Right),
        ],
        rows,
        total: None,
    }
}

fn column(heading: &str, weight: f32, alignment: Alignment) -> Column {
    Column {
        heading: heading.to_owned(),
        weight,
        alignment,
    }
}

fn pdf(name: String, document: &Document) -> Result<DemoFile, PaperError> {
    Ok(DemoFile {
        name,
        media_type: "application/pdf",
        bytes: document.finish()?,
    })
}
