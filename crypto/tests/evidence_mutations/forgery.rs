//! What a forger would try: other checkpoints, false signatures, keys of small order, other forms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::tlog::{Checkpoint, Note, TreeHead, epoch_origin};
use serde_bytes::ByteBuf;

use super::support::story::Story;
use super::support::world::{ORIGIN, key};
use super::{LISTS, Laboratory, record};

/// Order of the Ed25519 base point, little-endian (RFC 8032 §5.1).
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// Points of small order: the identity, and one of order 2, 4 and 8 each.
const SMALL: [&str; 4] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
];

impl Laboratory {
    /// Checkpoints of other sizes, roots, epochs, logs, keys; without or with false cosignatures.
    pub(crate) fn exchange_checkpoints(&mut self, story: &Story) {
        let log = &story.world.log;
        let TreeHead { size, root } = log.head();
        let put = |lab: &mut Self, name: String, note: Vec<u8>| {
            lab.change(name, |it| {
                record(it).checkpoints = vec![ByteBuf::from(note)];
            });
        };
        let time = postfach_crypto::ids::UnixMillis(story.world.time);
        for k in 0..63 {
            for size in [(1_u64 << k) - 1, 1 << k, (1 << k) + 1, 0] {
                let head = TreeHead { size, root };
                let name = format!("checkpoint of {size} with this root");
                put(self, name, log.cosign_by(head, time, 2).to_bytes());
            }
        }
        for byte in 0..32 {
            let mut root = root;
            root.0[byte] ^= 1;
            let note = log.cosign_by(TreeHead { size, root }, time, 2);
            put(self, format!("another root, byte {byte}"), note.to_bytes());
        }
        for earlier in &log.cosigned {
            let name = format!("checkpoint of {}", earlier.head().size);
            put(self, name.clone(), earlier.to_bytes());
            let note = ByteBuf::from(earlier.to_bytes());
            self.change(format!("{name} after the last"), |it| {
                record(it).checkpoints.push(note);
            });
        }
        for count in 0..2 {
            let note = log.cosign_by(log.head(), time, count);
            put(self, format!("{count} cosignatures"), note.to_bytes());
        }
        for (origin, epoch, name) in [
            (ORIGIN, 2, "operator checkpoints"),
            (ORIGIN, 0, "operator checkpoints"),
            ("other.example", 1, "operator checkpoints"),
            (ORIGIN, 1, "operator receipts"),
            (ORIGIN, 1, "somebody"),
        ] {
            let checkpoint = Checkpoint::new(&epoch_origin(origin, epoch).unwrap(), log.head());
            let note = checkpoint.sign(&key(name)).unwrap().to_bytes();
            put(self, format!("{origin}/{epoch} by {name}"), note);
        }
        let good = Note::parse(&record(&mut self.good.clone()).checkpoints[0]).unwrap();
        for (line, signature) in good.signatures().iter().enumerate() {
            let mut bytes = signature.bytes.clone();
            malleate(&mut bytes);
            let whole = [&signature.id.0.to_be_bytes()[..], &bytes].concat();
            let whole = STANDARD.encode(whole);
            let before =
                STANDARD.encode([&signature.id.0.to_be_bytes()[..], &signature.bytes].concat());
            let note = good.to_string().replace(&before, &whole);
            put(
                self,
                format!("malleated signature {line}"),
                note.into_bytes(),
            );
            let lines: String = good
                .to_string()
                .lines()
                .filter(|it| !it.ends_with(&before))
                .map(|it| format!("{it}\n"))
                .collect();
            put(
                self,
                format!("without signature {line}"),
                lines.into_bytes(),
            );
        }
    }

    /// Signatures with S + L, keys of small order, other keys and origins.
    pub(crate) fn forge(&mut self, story: &Story) {
        for (name, list) in LISTS {
            if name == "age headers" {
                continue;
            }
            for place in 0..list(&mut self.good).len() {
                self.change(format!("{name} {place} malleated"), |it| {
                    malleate(&mut list(it)[place]);
                    it.sort();
                });
                // The key id stands after the map's head, alg and the label 4: d2 84 58 .. a3 01 32 04 58 20.
                let statement = list(&mut self.good)[place].clone();
                let at = statement
                    .windows(3)
                    .position(|it| it == [0x04, 0x58, 0x20])
                    .unwrap()
                    + 3;
                for small in SMALL {
                    self.change(format!("{name} {place} by the key {small}"), |it| {
                        let bytes = &mut list(it)[place];
                        bytes[at..at + 32].copy_from_slice(&hex::decode(small).unwrap());
                        let length = bytes.len();
                        bytes[length - 64..].fill(0);
                        bytes[length - 64] = 1; // R is the identity, S is 0
                        it.sort();
                    });
                }
            }
        }
        for small in SMALL {
            let root = hex::decode(small).unwrap().try_into().unwrap();
            self.change(format!("root {small}"), |it| it.root = VerifyingKey(root));
        }
        let other = story.world.receipt_key.verifying_key();
        self.change("another root key", |it| it.root = other);
        for origin in [
            "other.example",
            "postfach.example/1",
            "Postfach.example",
            "",
        ] {
            self.change(format!("origin {origin:?}"), |it| it.origin = origin.into());
        }
        for version in [0, 2, u64::MAX] {
            self.change(format!("version {version}"), |it| it.version = version);
        }
    }

    /// Cut, continued, and written in other ways than the canonical one.
    pub(crate) fn damage_the_encoding(&mut self) {
        for _ in 0..500 {
            let length = self.below(self.file.len());
            self.put(format!("cut to {length}"), self.file[..length].to_vec());
        }
        for more in [&b"\0"[..], b"\xf6", b"\xa0", b"\xff"] {
            self.put("continued", [&self.file, more].concat());
        }
        let mut endless = self.file.clone();
        endless[0] = 0xbf;
        endless.push(0xff);
        self.put("map without length", endless);
        self.put(
            "longer length",
            [&[0xb8, self.file[0] & 0x1f], &self.file[1..]].concat(),
        );
        self.put(
            "longer number",
            [&self.file[..2], &[0x18, 1], &self.file[3..]].concat(),
        );
        for (name, list) in LISTS {
            for place in 0..list(&mut self.good).len() {
                for (what, from, to) in [
                    ("tag in two bytes", &[0xd2][..], &[0xd8, 0x12][..]),
                    ("array without length", &[0xd2, 0x84], &[0xd2, 0x9f]),
                    ("untagged", &[0xd2], &[]),
                    ("another tag", &[0xd2], &[0xd1]),
                ] {
                    self.change(format!("{name} {place}: {what}"), |it| {
                        let bytes = &mut list(it)[place];
                        if let Some(rest) = bytes.strip_prefix(from) {
                            *bytes = ByteBuf::from([to, rest].concat());
                        } else {
                            bytes.push(0);
                        }
                        it.sort();
                    });
                }
            }
        }
    }
}

/// S + L in place of S, the last 32 bytes (RFC 8032 §5.1.7 wants S below L).
fn malleate(signed: &mut [u8]) {
    let start = signed.len() - 32;
    let mut carry = 0_u16;
    for (byte, l) in signed[start..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(l) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
}
