//! The address book and lists from spreadsheets.

use std::fs;

use postfach::client::book::{
    Book, BookError, BoundAddress, Imported, IssuedLetter, NewEntry, PostalAddress, Status,
};
use postfach::entropy::entropy;
use postfach_crypto::age::{HybridIdentity, Identity};
use postfach_crypto::enrolment::ActivationCode;
use postfach_crypto::ids::{Address, StatementHash, UnixMillis};
use postfach_crypto::statement::{EnrolmentClaim, RefusalReason};

use crate::{DAY, NOW, context};

fn huber() -> NewEntry {
    NewEntry {
        reference: "4711".to_owned(),
        name: "Erika Huber".to_owned(),
        birth_date: "1961-03-09".to_owned(),
        postal: PostalAddress {
            street: "Bahnhofstraße 3".to_owned(),
            postcode: "92353".to_owned(),
            city: "Postbauer-Heng".to_owned(),
        },
    }
}

fn letter(issued: UnixMillis) -> IssuedLetter {
    IssuedLetter {
        code: ActivationCode::generate(&mut entropy()),
        issued,
        expires: UnixMillis(issued.0 + 30 * DAY),
    }
}

fn claim(code: &ActivationCode, address: Address) -> EnrolmentClaim {
    let key_statement = StatementHash([6; 32]);
    let context = context(NOW.0, 1);
    EnrolmentClaim {
        issuer: Address([9; 32]),
        address,
        key_statement,
        code_id: code.id(),
        mac: code.claim_mac(&key_statement, &context.origin),
        context,
        ext: None,
    }
}

fn bound(address: u8, binding: u8, since: UnixMillis) -> BoundAddress {
    BoundAddress {
        address: Address([address; 32]),
        binding: StatementHash([binding; 32]),
        since,
        withdrawn: None,
    }
}

#[test]
fn a_book_survives_encrypted_and_opens_with_its_own_keys_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.age");
    let own = HybridIdentity::from_seed(&[1; 32]);
    let opener = [Identity::Hybrid(own.clone())];
    let mut rng = entropy();

    let mut book = Book::open(&path, &opener).unwrap();
    book.add(huber(), &mut rng).unwrap();
    let letter = letter(NOW);
    let code = letter.code.id();
    book.issue_letter("4711", letter).unwrap();
    book.bind("4711", bound(1, 2, NOW)).unwrap();
    book.save(&path, vec![own.recipient()], &mut rng).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"Huber"));

    let read = Book::open(&path, &opener).unwrap();
    let entry = read.by_reference("4711").unwrap();
    assert_eq!(entry.person(), book.by_reference("4711").unwrap().person());
    assert_eq!(entry.postal_lines()[2], "92353 Postbauer-Heng");
    assert_eq!(read.by_code(&code).unwrap().name, "Erika Huber");
    assert_eq!(read.by_address(&Address([1; 32])).count(), 1);
    assert!(read.by_binding(&StatementHash([2; 32])).is_some());

    let other = [Identity::Hybrid(HybridIdentity::from_seed(&[2; 32]))];
    assert!(matches!(
        Book::open(&path, &other),
        Err(BookError::OtherKeys(_))
    ));
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(
        Book::open(&path, &opener),
        Err(BookError::Damaged(_))
    ));
}

#[test]
fn states_follow_from_what_happened() {
    let mut book = Book::new();
    book.add(huber(), &mut entropy()).unwrap();
    let status = |book: &Book, now| book.by_reference("4711").unwrap().status(now);
    let later = UnixMillis(NOW.0 + 31 * DAY);
    assert_eq!(status(&book, NOW), Status::Listed);
    book.issue_letter("4711", letter(NOW)).unwrap();
    assert_eq!(status(&book, NOW), Status::Issued);
    assert_eq!(status(&book, later), Status::Expired);
    book.bind("4711", bound(1, 2, NOW)).unwrap();
    assert_eq!(status(&book, later), Status::Bound);
    book.withdraw(&StatementHash([2; 32]), NOW).unwrap();
    assert_eq!(status(&book, later), Status::Withdrawn);
    book.issue_letter("4711", letter(later)).unwrap();
    assert_eq!(status(&book, later), Status::Issued);
    book.remove("4711").unwrap();
    assert!(
        book.by_reference("4711").is_none() && book.by_binding(&StatementHash([2; 32])).is_none()
    );
}

#[test]
fn a_claim_is_refused_for_the_reason_that_applies() {
    let mut book = Book::new();
    book.add(huber(), &mut entropy()).unwrap();
    let letter = letter(NOW);
    let code = letter.code.clone();
    book.issue_letter("4711", letter).unwrap();
    let (mine, other) = (Address([1; 32]), Address([2; 32]));
    let check = |book: &Book, claim: &EnrolmentClaim, now| {
        book.check_claim(claim, now)
            .map(|entry| entry.reference.clone())
    };
    let good = claim(&code, mine);
    assert_eq!(check(&book, &good, NOW), Ok("4711".to_owned()));
    let guessed = claim(&ActivationCode::generate(&mut entropy()), mine);
    assert_eq!(check(&book, &guessed, NOW), Err(RefusalReason::UnknownCode));
    let mut forged = claim(&code, mine);
    forged.key_statement = StatementHash([66; 32]);
    assert_eq!(check(&book, &forged, NOW), Err(RefusalReason::WrongProof));
    let late = UnixMillis(NOW.0 + 30 * DAY);
    assert_eq!(check(&book, &good, late), Err(RefusalReason::Expired));

    book.bind("4711", bound(1, 2, NOW)).unwrap();
    assert_eq!(
        check(&book, &good, late),
        Ok("4711".to_owned()),
        "again, the same answer"
    );
    assert_eq!(
        check(&book, &claim(&code, other), NOW),
        Err(RefusalReason::AlreadyUsed)
    );
    book.withdraw(&StatementHash([2; 32]), NOW).unwrap();
    assert_eq!(check(&book, &good, NOW), Err(RefusalReason::AlreadyUsed));
    book.issue_letter("4711", self::letter(UnixMillis(NOW.0 + DAY)))
        .unwrap();
    assert_eq!(check(&book, &good, NOW), Err(RefusalReason::UnknownCode));
}

#[test]
fn references_and_bindings_name_one_entry() {
    let mut book = Book::new();
    let mut rng = entropy();
    book.add(huber(), &mut rng).unwrap();
    assert!(matches!(
        book.add(huber(), &mut rng),
        Err(BookError::DuplicateReference(_))
    ));
    let waste = NewEntry {
        reference: "815".to_owned(),
        ..huber()
    };
    book.add(waste, &mut rng).unwrap();
    book.bind("4711", bound(1, 2, NOW)).unwrap();
    book.bind("4711", bound(1, 2, NOW)).unwrap();
    assert!(matches!(
        book.bind("815", bound(1, 2, NOW)),
        Err(BookError::DuplicateBinding)
    ));
    book.bind("815", bound(1, 3, NOW)).unwrap();
    assert_eq!(book.by_address(&Address([1; 32])).count(), 2);
    assert!(matches!(
        book.bind("0", bound(1, 4, NOW)),
        Err(BookError::UnknownReference(_))
    ));
}

#[test]
fn lists_come_from_spreadsheets_and_go_back() {
    let mut rng = entropy();
    let excel = b"\xef\xbb\xbfKassenzeichen;Name;Geburtsdatum;Stra\xc3\x9fe;PLZ;Ort\r\n\
        4711;Erika Huber;9.3.1961;Bahnhofstra\xc3\x9fe 3;92353;Postbauer-Heng\r\n;;;;;\r\n";
    let mut book = Book::new();
    let first = book.import(&excel[..], &mut rng).unwrap();
    assert_eq!(
        first,
        Imported {
            added: 1,
            ..Imported::default()
        }
    );
    assert_eq!(
        book.by_reference("4711").unwrap().person().birth_date,
        "1961-03-09"
    );

    let mut list = Vec::new();
    book.export(&mut list).unwrap();
    let again = book.import(&list[..], &mut rng).unwrap();
    assert_eq!(
        again,
        Imported {
            unchanged: 1,
            ..Imported::default()
        }
    );

    let older = b"city,postcode,street,birth date,name,reference\n\
        Postbauer-Heng,92353,Am Stra\xdfenfeld 1,1961-03-09,Erika Huber,4711\n";
    let moved = book.import(&older[..], &mut rng).unwrap();
    assert_eq!(
        moved,
        Imported {
            moved: 1,
            ..Imported::default()
        }
    );
    assert_eq!(
        book.by_reference("4711").unwrap().postal.street,
        "Am Straßenfeld 1"
    );
}

#[test]
fn a_wrong_line_is_named_and_nothing_is_taken_over() {
    let header = "Kassenzeichen;Name;Geburtsdatum;Straße;PLZ;Ort\n";
    let good = "1;Anna Beer;01.02.1990;Weg 1;92353;Ort\n";
    let refused = |rest: &str| {
        let mut book = Book::new();
        let text = format!("{header}{good}{rest}");
        let error = book
            .import(text.as_bytes(), &mut entropy())
            .unwrap_err()
            .to_string();
        assert!(book.entries().is_empty());
        error
    };
    assert!(refused("2;Ben;31.02.1990;Weg 1;92353;Ort\n").starts_with("line 3: the date of birth"));
    assert!(refused("2;Ben;1.2.1990;Weg 1;92353\n").starts_with("line 3: it has 5 cells"));
    assert!(refused("2;=cmd();1.2.1990;Weg 1;92353;Ort\n").contains("formula"));
    assert!(refused("2;;1.2.1990;Weg 1;92353;Ort\n").contains("the cell Name is empty"));
    assert!(refused(good).contains("line 3: the reference 1 stands on an earlier line"));
    let mut book = Book::new();
    let error = book
        .import(&b"a;b\n"[..], &mut entropy())
        .unwrap_err()
        .to_string();
    assert!(error.contains("Kassenzeichen"), "{error}");
}

#[test]
fn a_hundred_thousand_people_are_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book.age");
    let own = HybridIdentity::from_seed(&[1; 32]);
    let mut list = "reference;name;birth date;street;postcode;city\n".to_owned();
    for number in 0..100_000 {
        list += &format!("{number};Person {number};1.1.1980;Weg {number};92353;Ort\n");
    }
    let mut book = Book::new();
    let mut rng = entropy();
    assert_eq!(
        book.import(list.as_bytes(), &mut rng).unwrap().added,
        100_000
    );
    let start = std::time::Instant::now();
    book.save(&path, vec![own.recipient()], &mut rng).unwrap();
    let saved = start.elapsed();
    let read = Book::open(&path, &[Identity::Hybrid(own)]).unwrap();
    println!(
        "saved in {saved:?}, opened in {:?}",
        start.elapsed() - saved
    );
    assert_eq!(read.by_reference("99999").unwrap().name, "Person 99999");
}
