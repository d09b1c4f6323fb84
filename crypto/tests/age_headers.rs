//! Headers and keys: what a server can check without a key, and what nobody accepts.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io::Write;

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use postfach_crypto::age::{
    Header, HeaderError, HybridIdentity, HybridRecipient, Identity, KeyError, MAX_HEADER_LEN,
    MAX_RECIPIENTS, NewFile, Passphrase, ReadHeaderError, Recipients, SealError, StanzaCheckError,
    StanzaType, UnwrapError, WorkFactor, X25519Identity, X25519Recipient,
};
use zeroize::Zeroizing;

/// The u-coordinates of order 1, 2, 4 and 8 (RFC 7748, section 6.1; and two of the twist's).
const LOW_ORDER: [&str; 5] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

fn hybrid_header(count: usize) -> Header {
    let recipient = HybridIdentity::generate(&mut rng()).recipient();
    let recipients = Recipients::Hybrid(vec![recipient; count]);
    NewFile::new(&recipients, &mut rng()).unwrap().header
}

fn point(hex_text: &str) -> [u8; 32] {
    hex::decode(hex_text).unwrap().try_into().unwrap()
}

#[test]
fn hybrid_stanzas_are_counted_without_a_key() {
    let header = hybrid_header(2);
    assert_eq!(header.check_hybrid_stanzas(2), Ok(()));
    let wrong = StanzaCheckError::Count {
        expected: 1,
        found: 2,
    };
    assert_eq!(header.check_hybrid_stanzas(1), Err(wrong));
    for stanza in header.stanzas() {
        assert_eq!(stanza.type_name(), "mlkem768x25519");
        assert_eq!(stanza.stanza_type(), StanzaType::Hybrid);
        assert_eq!(stanza.body().len(), 32);
    }
    let recipient = X25519Identity::generate(&mut rng()).recipient();
    let classical = NewFile::new(&Recipients::X25519(vec![recipient]), &mut rng())
        .unwrap()
        .header;
    assert_eq!(
        classical.check_hybrid_stanzas(1),
        Err(StanzaCheckError::Type)
    );
}

/// A stanza that someone slipped in between is well-formed, but not what the envelope requires.
#[test]
fn an_added_unknown_stanza_fails_the_check_and_the_mac() {
    let identity = HybridIdentity::generate(&mut rng());
    let recipients = Recipients::Hybrid(vec![identity.recipient()]);
    let header = NewFile::new(&recipients, &mut rng()).unwrap().header;
    let text = str::from_utf8(header.as_bytes()).unwrap();
    let added = text.replace("\n---", "\n-> grease\n\n---");
    let (added, _) = Header::parse(added.as_bytes()).unwrap();
    assert_eq!(added.check_hybrid_stanzas(1), Err(StanzaCheckError::Type));
    let identity: Identity = identity.into();
    assert!(header.unwrap(std::slice::from_ref(&identity)).is_ok());
    assert_eq!(added.unwrap(&[identity]).unwrap_err(), UnwrapError::Refused);
}

#[test]
fn the_numbers_of_recipients_are_limited() {
    let recipient = X25519Identity::generate(&mut rng()).recipient();
    let new_file = |count| {
        let recipients = Recipients::X25519(vec![recipient.clone(); count]);
        NewFile::new(&recipients, &mut rng()).map(|file| file.header)
    };
    assert_eq!(new_file(0).unwrap_err(), SealError::NoRecipients);
    assert_eq!(
        new_file(MAX_RECIPIENTS + 1).unwrap_err(),
        SealError::TooManyRecipients
    );
    let header = new_file(MAX_RECIPIENTS).unwrap();
    let one_more = str::from_utf8(header.as_bytes())
        .unwrap()
        .replace("\n---", "\n-> grease\n\n---");
    assert_eq!(
        Header::parse(one_more.as_bytes()),
        Err(HeaderError::TooManyStanzas)
    );
    assert!(hybrid_header(MAX_RECIPIENTS).as_bytes().len() <= MAX_HEADER_LEN);
}

#[test]
fn an_endless_header_is_given_up_at_the_limit() {
    let mut endless = b"age-encryption.org/v1\n-> grease ".to_vec();
    endless.resize(4 * MAX_HEADER_LEN, b'x');
    assert_eq!(Header::parse(&endless), Err(HeaderError::TooLong));
    let mut rest = &endless[..];
    let read = Header::read_from(&mut rest);
    assert!(matches!(
        read,
        Err(ReadHeaderError::Header(HeaderError::TooLong))
    ));
    assert!(
        rest.len() >= 3 * MAX_HEADER_LEN - 1,
        "no more than the limit is read"
    );
}

#[test]
fn reading_a_header_leaves_the_payload() {
    let header = hybrid_header(1);
    let file = [header.as_bytes(), b"payload\nwith lines"].concat();
    let mut rest = &file[..];
    assert_eq!(Header::read_from(&mut rest).unwrap(), header);
    assert_eq!(rest, b"payload\nwith lines");
}

#[test]
fn other_files_and_versions_are_told_apart() {
    assert_eq!(Header::parse(b"%PDF-1.7\n"), Err(HeaderError::NotAge));
    assert_eq!(
        Header::parse(b"age-encryption.org/v2\n"),
        Err(HeaderError::Version)
    );
    assert_eq!(Header::parse(b""), Err(HeaderError::Truncated));
}

/// `hpke` accepts these; age forbids them, and so do we, before any key is used.
#[test]
fn low_order_shares_in_hybrid_stanzas_are_refused_on_parsing() {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    let header = hybrid_header(1);
    let text = str::from_utf8(header.as_bytes()).unwrap();
    let argument = &header.stanzas()[0].arguments()[1];
    for share in LOW_ORDER {
        let mut enc = STANDARD_NO_PAD.decode(argument).unwrap();
        enc[1088..].copy_from_slice(&point(share));
        let altered = text.replace(argument.as_str(), &STANDARD_NO_PAD.encode(enc));
        assert_eq!(
            Header::parse(altered.as_bytes()),
            Err(HeaderError::LowOrderShare),
            "{share}"
        );
    }
}

#[test]
fn low_order_recipients_are_refused_on_registration() {
    let hybrid = HybridIdentity::generate(&mut rng()).recipient().to_bytes();
    for share in LOW_ORDER.map(point) {
        assert_eq!(X25519Recipient::from_bytes(share), Err(KeyError::LowOrder));
        let mut altered = hybrid;
        altered[1184..].copy_from_slice(&share);
        assert_eq!(
            HybridRecipient::from_bytes(&altered),
            Err(KeyError::LowOrder)
        );
    }
}

#[test]
fn non_canonical_recipients_are_refused_on_registration() {
    let hybrid = HybridIdentity::generate(&mut rng()).recipient().to_bytes();
    // A coefficient of 4095, where q is 3329.
    let mut altered = hybrid;
    altered[..2].fill(0xff);
    assert_eq!(
        HybridRecipient::from_bytes(&altered),
        Err(KeyError::NotCanonical)
    );
    // p + 9 for the base point 9, and the unused top bit.
    let mut alias = [0xff; 32];
    (alias[0], alias[31]) = (0xf6, 0x7f);
    let mut top_bit = [0; 32];
    (top_bit[0], top_bit[31]) = (9, 0x80);
    for share in [alias, top_bit] {
        assert_eq!(
            X25519Recipient::from_bytes(share),
            Err(KeyError::NotCanonical)
        );
        let mut altered = hybrid;
        altered[1184..].copy_from_slice(&share);
        assert_eq!(
            HybridRecipient::from_bytes(&altered),
            Err(KeyError::NotCanonical)
        );
    }
    assert_eq!(
        HybridRecipient::from_bytes(&hybrid[1..]),
        Err(KeyError::Length)
    );
    assert_eq!(HybridRecipient::from_bytes(&[]), Err(KeyError::Length));
}

/// The key pairs printed in the specification.
#[test]
fn keys_of_the_specification() {
    let identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    let key = X25519Identity::parse(identity).unwrap();
    assert_eq!(key.to_secret_string().as_str(), identity);
    assert_eq!(key.recipient().to_string(), recipient);
    assert_eq!(X25519Recipient::parse(recipient).unwrap(), key.recipient());

    let identity = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
    let key = HybridIdentity::parse(identity).unwrap();
    assert_eq!(key.to_secret_string().as_str(), identity);
    let recipient = key.recipient().to_string();
    assert_eq!(recipient.len(), 1959);
    assert!(
        recipient.starts_with("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87p")
    );
    assert!(recipient.ends_with("saeq0d3fzv49zc0k"));
    assert_eq!(
        recipient.parse::<HybridRecipient>().unwrap(),
        key.recipient()
    );
}

#[test]
fn key_strings_have_one_spelling() {
    let key = X25519Identity::generate(&mut rng());
    let recipient = key.recipient().to_string();
    let secret = key.to_secret_string();
    assert_eq!(
        X25519Recipient::parse(&recipient.to_uppercase()),
        Err(KeyError::Encoding)
    );
    assert!(X25519Identity::parse(&secret.to_lowercase()).is_err());
    assert!(X25519Recipient::parse(&format!("{recipient} ")).is_err());
    let mut mistyped = recipient.clone();
    mistyped.replace_range(10..11, if &recipient[10..11] == "q" { "p" } else { "q" });
    assert_eq!(X25519Recipient::parse(&mistyped), Err(KeyError::Encoding));
}

#[test]
fn key_strings_of_other_types_say_so() {
    let classical = X25519Identity::generate(&mut rng());
    let hybrid = HybridIdentity::generate(&mut rng());
    let pasted_secret = classical.to_secret_string();
    assert_eq!(
        X25519Recipient::parse(&pasted_secret),
        Err(KeyError::Prefix("age"))
    );
    let recipient = classical.recipient().to_string();
    assert_eq!(
        HybridRecipient::parse(&recipient),
        Err(KeyError::Prefix("age1pq"))
    );
    assert!(matches!(
        Identity::parse(&hybrid.to_secret_string()),
        Ok(Identity::Hybrid(_))
    ));
    assert!(matches!(
        Identity::parse(&pasted_secret),
        Ok(Identity::X25519(_))
    ));
}

#[test]
fn a_costly_passphrase_is_refused_before_it_is_computed() {
    let secret = || Zeroizing::new("pferd".to_owned());
    let work_factor = |log_n| WorkFactor::new(log_n).unwrap();
    let sealing = Passphrase::new(secret()).with_work_factor(work_factor(11));
    let header = NewFile::new(&Recipients::Passphrase(sealing), &mut rng())
        .unwrap()
        .header;
    let opening = |limit| {
        Passphrase::new(secret())
            .with_limit(work_factor(limit))
            .into()
    };
    let refused = UnwrapError::WorkFactor {
        log_n: 11,
        limit: 10,
    };
    assert_eq!(header.unwrap(&[opening(10)]).unwrap_err(), refused);
    assert!(header.unwrap(&[opening(11)]).is_ok());
    assert_eq!(WorkFactor::new(0), None);
    assert_eq!(WorkFactor::new(23), None);
}

#[test]
fn secrets_are_not_printed() {
    let hybrid = HybridIdentity::from_seed(&[7; 32]);
    let classical = X25519Identity::from_seed(&[7; 32]);
    let passphrase = Passphrase::new(Zeroizing::new("pferd".to_owned()));
    let file = NewFile::new(&Recipients::Hybrid(vec![hybrid.recipient()]), &mut rng()).unwrap();
    let file_key = file.file_key.disclose();
    let printed = format!(
        "{:?} {:?} {:?} {:?}",
        Identity::from(hybrid),
        Identity::from(classical),
        Identity::from(passphrase),
        file,
    );
    let mut writer = file.into_writer(Vec::new()).unwrap();
    writer.write_all(b"Hundesteuer").unwrap();
    let printed = format!("{printed} {writer:?}");
    assert!(!printed.contains(&format!("{:?}", b"Hundesteuer")));
    assert!(!printed.contains("Hundesteuer"));
    assert!(!printed.contains("pferd"));
    assert!(!printed.contains("AGE-SECRET-KEY"));
    assert!(!printed.contains("7, 7, 7, 7, 7, 7, 7, 7"));
    assert!(!printed.contains(&format!("{:?}", file_key.as_slice())));
}
