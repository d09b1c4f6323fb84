//! Ten thousand and more mutations of one good evidence file, the same on every machine: each is
//! refused with a named cause, or is not proven any more; none passes for the file that it was made
//! from.
//!
//! The one thing that may be left out is the opened content: that is its owner's to show, and the
//! report then says that the content is not shown.
#![allow(clippy::unwrap_used)] // in helpers of tests

mod forgery;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::thread;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use postfach_crypto::evidence::{
    Evidence, Gap, LogRecord, NotShown, Outcome, Policy, Verdict, verify,
};
use postfach_crypto::ids::{LeafHash, TreeHash};
use serde_bytes::ByteBuf;
use support::rng;
use support::story::Story;

/// How many mutations there are at least.
const ENOUGH: usize = 10_000;
/// A mutation: what was done, and the file's bytes after it.
struct Mutant {
    name: String,
    bytes: Vec<u8>,
}

struct Laboratory {
    good: Evidence,
    file: Vec<u8>,
    rng: ChaCha20Rng,
    mutants: Vec<Mutant>,
}

/// A list of byte strings in a file.
type List = fn(&mut Evidence) -> &mut Vec<ByteBuf>;

fn record(evidence: &mut Evidence) -> &mut LogRecord {
    evidence.log.as_mut().unwrap()
}

const LISTS: [(&str, List); 9] = [
    ("delegations", |it| &mut it.delegations),
    ("entries", |it| &mut it.entries),
    ("sender", |it| &mut it.sender),
    ("recipient", |it| &mut it.recipient),
    ("relation", |it| &mut it.relation),
    ("certificates", |it| &mut it.certificates),
    ("receipts", |it| &mut it.receipts),
    ("heads", |it| &mut it.heads),
    ("age headers", |it| &mut it.age_headers),
];

impl Laboratory {
    fn new(good: Evidence) -> Self {
        Self {
            file: good.encode().unwrap(),
            good,
            rng: rng("mutations"),
            mutants: Vec::new(),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.next_u64() % bound as u64).unwrap()
    }

    fn put(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        if bytes != self.file {
            let name = name.into();
            self.mutants.push(Mutant { name, bytes });
        }
    }

    /// Changes the file's content. What no encoder would write is encoded all the same.
    fn change(&mut self, name: impl Into<String>, change: impl FnOnce(&mut Evidence)) {
        let mut evidence = self.good.clone();
        change(&mut evidence);
        self.put(name, postfach_crypto::codec::encode(&evidence));
    }
}

impl Laboratory {
    /// One bit, anywhere.
    fn flip_the_file(&mut self, count: usize) {
        for _ in 0..count {
            let (place, bit) = (self.below(self.file.len()), self.below(8));
            let mut bytes = self.file.clone();
            bytes[place] ^= 1 << bit;
            self.put(format!("file, byte {place}, bit {bit}"), bytes);
        }
    }

    /// One bit in each statement, checkpoint and proof, as often as asked.
    fn flip_everything(&mut self, rounds: usize) {
        for (name, list) in LISTS {
            let lengths: Vec<usize> = list(&mut self.good).iter().map(|it| it.len()).collect();
            for (place, length) in lengths.into_iter().enumerate() {
                for _ in 0..rounds {
                    let (byte, bit) = (self.below(length), self.below(8));
                    self.change(format!("{name} {place}, byte {byte}, bit {bit}"), |it| {
                        list(it)[place][byte] ^= 1 << bit;
                        it.sort();
                    });
                }
            }
        }
        for _ in 0..20 * rounds {
            let byte = self.below(record(&mut self.good.clone()).checkpoints[0].len());
            let bit = self.below(8);
            self.change(format!("checkpoint, byte {byte}, bit {bit}"), |it| {
                record(it).checkpoints[0][byte] ^= 1 << bit;
            });
            let proof = self.below(record(&mut self.good.clone()).inclusions.len());
            let (byte, pick) = (self.below(32), self.below(64));
            self.change(format!("inclusion {proof}, byte {byte}"), |it| {
                let hashes = &mut record(it).inclusions[proof].hashes;
                let count = hashes.len();
                hashes[pick % count].0[byte] ^= 1 << bit;
            });
            self.change(format!("entry of inclusion {proof}, byte {byte}"), |it| {
                record(it).inclusions[proof].entry.0[byte] ^= 1 << bit;
            });
            let proof = self.below(record(&mut self.good.clone()).consistencies.len());
            self.change(format!("consistency {proof}, byte {byte}"), |it| {
                let hashes = &mut record(it).consistencies[proof].hashes;
                let count = hashes.len();
                hashes[pick % count].0[byte] ^= 1 << bit;
            });
        }
    }

    /// Entries dropped, doubled, exchanged, put into another list; whole fields left out.
    fn rearrange(&mut self) {
        for (name, list) in LISTS {
            let count = list(&mut self.good).len();
            self.change(format!("{name} emptied"), |it| list(it).clear());
            for place in 0..count {
                self.change(format!("{name} {place} dropped"), |it| {
                    list(it).remove(place);
                });
                for to in 0..=count {
                    self.change(format!("{name} {place} doubled at {to}"), |it| {
                        let doubled = list(it)[place].clone();
                        list(it).insert(to, doubled);
                    });
                }
                for other in place + 1..count {
                    self.change(format!("{name} {place} and {other} exchanged"), |it| {
                        list(it).swap(place, other);
                    });
                }
                for (other_name, other) in LISTS {
                    if other_name != name {
                        self.change(format!("{name} {place} moved to {other_name}"), |it| {
                            let moved = list(it).remove(place);
                            other(it).push(moved);
                            it.sort();
                        });
                        self.change(format!("{name} {place} added to {other_name}"), |it| {
                            let moved = list(it)[place].clone();
                            other(it).push(moved);
                            it.sort();
                        });
                    }
                }
            }
        }
        self.change("log left out", |it| it.log = None);
        self.change("opened content left out", |it| it.opened = None);
    }

    /// Proofs dropped, doubled, exchanged, of other lengths, places and sizes.
    fn spoil_proofs(&mut self) {
        let good = record(&mut self.good.clone()).clone();
        let corners = || {
            let powers = (0..63).flat_map(|k| [(1_u64 << k) - 1, 1 << k, (1 << k) + 1]);
            powers.chain([u64::MAX - 1, u64::MAX])
        };
        for (proof, inclusion) in good.inclusions.iter().enumerate() {
            self.change(format!("inclusion {proof} dropped"), |it| {
                record(it).inclusions.remove(proof);
            });
            self.change(
                format!("inclusion {proof} and its statement dropped"),
                |it| {
                    record(it).inclusions.remove(proof);
                    for (_, list) in LISTS {
                        list(it).retain(|bytes| LeafHash::of(bytes) != inclusion.entry);
                    }
                },
            );
            for other in 0..good.inclusions.len() {
                self.change(format!("entries {proof} and {other} exchanged"), |it| {
                    let all = &mut record(it).inclusions;
                    (all[proof].entry, all[other].entry) = (all[other].entry, all[proof].entry);
                });
                self.change(format!("hashes {proof} and {other} exchanged"), |it| {
                    let hashes = record(it).inclusions[other].hashes.clone();
                    record(it).inclusions[proof].hashes = hashes;
                });
                self.change(format!("inclusion {proof} doubled at {other}"), |it| {
                    let doubled = record(it).inclusions[proof].clone();
                    record(it).inclusions.insert(other, doubled);
                });
            }
            for position in corners() {
                self.change(format!("inclusion {proof} at {position}"), |it| {
                    record(it).inclusions[proof].position = position;
                    record(it).inclusions.sort_by_key(|proof| proof.position);
                });
            }
            for length in [0, 1, 62, 63, 64, inclusion.hashes.len() + 1] {
                self.change(format!("inclusion {proof} of {length} hashes"), |it| {
                    record(it).inclusions[proof]
                        .hashes
                        .resize(length, TreeHash([3; 32]));
                });
            }
        }
        for (proof, consistency) in good.consistencies.iter().enumerate() {
            self.change(format!("consistency {proof} dropped"), |it| {
                record(it).consistencies.remove(proof);
            });
            for size in corners() {
                self.change(format!("consistency {proof} from {size}"), |it| {
                    record(it).consistencies[proof].size = size;
                    record(it).consistencies.sort_by_key(|proof| proof.size);
                });
                self.change(format!("a further consistency from {size}"), |it| {
                    let hashes = consistency.hashes.clone();
                    let further = postfach_crypto::evidence::Consistency { size, hashes };
                    record(it).consistencies.push(further);
                    record(it).consistencies.sort_by_key(|proof| proof.size);
                });
            }
            for length in [0, 1, 62, 63, 64, consistency.hashes.len() + 1] {
                self.change(format!("consistency {proof} of {length} hashes"), |it| {
                    record(it).consistencies[proof]
                        .hashes
                        .resize(length, TreeHash([3; 32]));
                });
            }
        }
    }
}

/// Why a file is refused or not proven; nothing where it passes for a good one.
fn refused(bytes: &[u8], policy: &Policy) -> Option<String> {
    let evidence = match Evidence::decode(bytes) {
        Ok(evidence) => evidence,
        Err(error) => {
            return Some(format!(
                "no file: {}",
                error.to_string().split(':').next().unwrap_or("")
            ));
        }
    };
    let report = verify(&evidence, policy);
    if matches!(report.verdict(), Verdict::Verified | Verdict::Disputed) {
        return report
            .not_shown
            .contains(&NotShown::Content)
            .then(|| "content left out".into());
    }
    report.checks.iter().find_map(|check| match check.outcome {
        Outcome::Failed(cause) => Some(format!("{}: {}", check.name.name(), cause.name())),
        Outcome::NotProven(Gap::Needs(_)) | Outcome::Passed => None,
        Outcome::NotProven(gap) => Some(format!("{}: {}", check.name.name(), gap.name())),
    })
}

#[test]
fn ten_thousand_mutations_are_refused() {
    let mut story = Story::told();
    let good = story.evidence();
    let policy = story.policy();
    assert_eq!(verify(&good, &policy).verdict(), Verdict::Verified);
    let mut laboratory = Laboratory::new(good);
    laboratory.rearrange();
    laboratory.spoil_proofs();
    laboratory.exchange_checkpoints(&story);
    laboratory.forge(&story);
    laboratory.damage_the_encoding();
    laboratory.flip_everything(10);
    let left = ENOUGH.saturating_sub(laboratory.mutants.len()).max(500);
    laboratory.flip_the_file(left);
    let mutants = &laboratory.mutants;
    assert!(mutants.len() >= ENOUGH, "{}", mutants.len());

    let half = mutants.len() / 2;
    let examine = |mutants: &[Mutant]| {
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        let mut accepted = Vec::new();
        for mutant in mutants {
            match refused(&mutant.bytes, &policy) {
                Some(reason) => *reasons.entry(reason).or_default() += 1,
                None => accepted.push(mutant.name.clone()),
            }
        }
        (reasons, accepted)
    };
    let [(mut reasons, mut accepted), (others, also)] = thread::scope(|scope| {
        let other = scope.spawn(|| examine(&mutants[half..]));
        [examine(&mutants[..half]), other.join().unwrap()]
    });
    accepted.extend(also);
    for (reason, count) in others {
        *reasons.entry(reason).or_default() += count;
    }
    assert!(
        accepted.is_empty(),
        "{} accepted: {accepted:#?}",
        accepted.len()
    );
    println!("{} mutations; {reasons:#?}", mutants.len());
    assert_eq!(reasons.get("content left out"), Some(&1));
    assert!(reasons.len() > 30, "{reasons:#?}");
}
