//! What only the inside of the module can test: that encoding a parsed header gives its bytes back.

use proptest::prelude::*;

use super::stanza::Stanza;
use super::{FileKey, Header, HeaderError};

fn file_key() -> FileKey {
    FileKey::from_bytes(b"YELLOW SUBMARINE")
}

prop_compose! {
    /// A stanza of a type that nobody knows.
    fn unknown_stanza()(
        name in "grease-[!-~]{0,20}",
        arguments in prop::collection::vec("[!-~]{1,80}", 0..4),
        body in prop::collection::vec(any::<u8>(), 0..150),
    ) -> Stanza {
        let arguments = [vec![name], arguments].concat();
        Stanza::parse(arguments, body).expect("unknown types have any arguments and body")
    }
}

proptest! {
    #[test]
    fn encoding_and_parsing_are_inverse(
        stanzas in prop::collection::vec(unknown_stanza(), 1..6),
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let header = Header::seal(stanzas, &file_key());
        let file = [header.as_bytes(), &payload].concat();
        let (parsed, length) = Header::parse(&file).expect("what is encoded parses");
        prop_assert_eq!(length, header.as_bytes().len());
        prop_assert_eq!(&parsed, &header);
        prop_assert!(parsed.accept_disclosed(b"YELLOW SUBMARINE").is_ok());
        prop_assert!(parsed.accept_disclosed(b"YELLOW SUBMARINF").is_err());

        let read = Header::read_from(&mut &file[..]).expect("what is encoded reads");
        prop_assert_eq!(read, header);
    }

    /// The grammar leaves no second spelling: whatever parses is what its content encodes to.
    #[test]
    fn no_altered_header_parses_to_the_same_content(
        stanzas in prop::collection::vec(unknown_stanza(), 1..3),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        edit in 0u8..3,
    ) {
        let header = Header::seal(stanzas, &file_key());
        let mut bytes = header.as_bytes().to_vec();
        let at = at.index(bytes.len());
        match edit {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
        if let Ok((parsed, length)) = Header::parse(&bytes) {
            prop_assert_eq!(parsed.as_bytes(), &bytes[..length]);
            let again = Header::seal(parsed.stanzas().to_vec(), &file_key());
            let mac_line = again.as_bytes().len() - 44;
            prop_assert_eq!(&again.as_bytes()[..mac_line], &bytes[..length - 44]);
        }
    }

    #[test]
    fn any_bytes_parse_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Header::parse(&bytes);
        let _ = Header::parse(&[b"age-encryption.org/v1\n-> ", &bytes[..]].concat());
    }
}

#[test]
fn every_cut_header_is_truncated() {
    let stanza = Stanza::parse(vec!["grease".to_owned()], vec![1; 48]).expect("an unknown type");
    let header = Header::seal(vec![stanza], &file_key());
    for length in "age-encryption.org/v1\n".len()..header.as_bytes().len() {
        assert_eq!(
            Header::parse(&header.as_bytes()[..length]),
            Err(HeaderError::Truncated)
        );
    }
}
