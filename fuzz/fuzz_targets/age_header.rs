//! Age headers: what parses is its own one encoding.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use postfach_crypto::age::Header;

fuzz_target!(|bytes: &[u8]| {
    let parsed = Header::parse(bytes);
    let read = Header::read_from(&mut Cursor::new(bytes));
    assert_eq!(parsed.is_ok(), read.is_ok());
    if let (Ok((header, length)), Ok(read)) = (parsed, read) {
        assert_eq!(header.as_bytes(), &bytes[..length]);
        assert_eq!(header, read);
        assert!(header.accept_disclosed(&[0; 16]).is_err());
    }
});
