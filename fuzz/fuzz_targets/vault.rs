//! What a vault holds, once it is opened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postfach_crypto::vault::VaultContent;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(content) = VaultContent::decode(bytes) {
        let again = content.encode().expect("what was read can be written");
        assert_eq!(again.as_slice(), bytes);
    }
});
