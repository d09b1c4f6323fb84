//! Manifests, the plaintext of part 0.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postfach_crypto::envelope::Manifest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::decode(bytes) {
        let Ok((padded, _)) = manifest.clone().encode() else {
            // Padding is chosen anew; only a manifest at the very limit grows over it.
            assert!(bytes.len() + 512 > postfach_crypto::envelope::MAX_MANIFEST);
            return;
        };
        let again = Manifest::decode(&padded).expect("own encoding");
        assert_eq!(again.attachments, manifest.attachments);
        assert_eq!(again.act, manifest.act);
    }
});
