//! Evidence files of several stories, judged under several policies, and mutations of one of them, each written as what
//! was done to it, with what is found and how it compares with the file it was made from.
//!
//! The notation is docs/format/evidence.md, "Vectors".

use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use postfach_crypto::codec;
use postfach_crypto::evidence::{
    Evidence, Gap, LogRecord, Outcome, Policy, Report, compare, verify,
};
use postfach_crypto::ids::TreeHash;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{DeliveryClass, Reason};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};

use super::support::story::Story;
use super::support::{failures, rng, seed};

/// A list of byte strings in a file, with its name on the wire.
type List = fn(&mut Evidence) -> &mut Vec<ByteBuf>;

const LISTS: [(&str, List); 9] = [
    ("delegations", |it| &mut it.delegations),
    ("entries", |it| &mut it.entries),
    ("sender", |it| &mut it.sender),
    ("recipient", |it| &mut it.recipient),
    ("relation", |it| &mut it.relation),
    ("certificates", |it| &mut it.certificates),
    ("receipts", |it| &mut it.receipts),
    ("heads", |it| &mut it.heads),
    ("age_headers", |it| &mut it.age_headers),
];

/// What did not pass, apart from checks that only wait for another one, after the verdict.
pub fn found(report: &Report) -> String {
    let faults = report.checks.iter().filter_map(|check| {
        let name = check.name.name();
        match check.outcome {
            Outcome::Passed | Outcome::NotProven(Gap::Needs(_)) => None,
            Outcome::Failed(cause) => Some(format!("; {name} failed {}", cause.name())),
            Outcome::NotProven(gap) => Some(format!("; {name} not-proven {}", gap.name())),
        }
    });
    format!("{}{}", report.verdict().name(), faults.collect::<String>())
}

/// Further stories, each as a whole file.
pub fn stories() -> Vec<Value> {
    let told = |class, steps: &dyn Fn(&mut Story)| {
        let mut story = Story::new(class);
        story.submit();
        steps(&mut story);
        story
    };
    let (ordinary, registered) = (DeliveryClass::Ordinary, DeliveryClass::Registered);
    [
        ("submitted only", told(ordinary, &|_| {})),
        (
            "ordinary mail, opened",
            told(ordinary, &|story| {
                story.notify();
                story.hand_over();
                story.access(story.header.manifest);
            }),
        ),
        (
            "registered mail that could not be opened",
            told(registered, &|story| {
                story.notify();
                story.hand_over();
                story.fail(Reason::NotDecryptable);
            }),
        ),
        (
            "withdrawn",
            told(registered, &|story| {
                story.notify();
                story.withdraw();
            }),
        ),
        (
            "an acknowledgement asked for, and none came",
            Story::asking(true, true, Some(0)),
        ),
        (
            "none came, said before its time",
            Story::asking(true, true, Some(-1)),
        ),
        (
            "an acknowledgement asked for that the receipt is silent about",
            Story::asking(true, false, Some(0)),
        ),
        (
            "none came of what was not asked for",
            Story::asking(false, false, Some(0)),
        ),
        (
            "deleted after it was opened",
            told(registered, &|story| {
                story.notify();
                story.hand_over();
                story.access(story.header.manifest);
                story.delete();
            }),
        ),
        (
            "ordinary mail, deleted unread",
            told(ordinary, &|story| {
                story.notify();
                story.delete();
            }),
        ),
        (
            "registered mail deleted before anything was decided",
            told(registered, &|story| {
                story.notify();
                story.delete();
            }),
        ),
        (
            "handed over after it was deleted",
            told(ordinary, &|story| {
                story.delete();
                story.hand_over();
            }),
        ),
        (
            "the mailbox closed after it was opened",
            told(registered, &|story| {
                story.hand_over();
                story.access(story.header.manifest);
                story.world.close();
            }),
        ),
        ("sent to a mailbox that was closed", {
            let mut story = Story::new(registered);
            story.world.close();
            story.submit();
            story
        }),
    ]
    .into_iter()
    .map(|(name, mut story)| {
        let evidence = story.evidence();
        let mut judged = judged(&verify(&evidence, &story.policy()));
        judged["name"] = json!(name);
        judged["file"] = json!(hex::encode(evidence.encode().unwrap()));
        judged
    })
    .collect()
}

fn judged(report: &Report) -> Value {
    let timeline = report.timeline.iter().map(|entry| entry.event.name());
    let not_shown = report.not_shown.iter().map(|item| item.name());
    let disputed = report.disputed.iter().map(|reason| reason.name());
    let checks = report.checks.iter().map(|check| check.name.name());
    json!({
        "found": found(report),
        "checks": checks.collect::<Vec<_>>(),
        "events": timeline.collect::<Vec<_>>(),
        "not_shown": not_shown.collect::<Vec<_>>(),
        "disputed": disputed.collect::<Vec<_>>(),
        "legal_date": report.legal_date.as_ref().map(|finding| {
            let days = finding.verdict.days().iter().map(|day| format!(" {day}"));
            format!("{}{}", finding.verdict.code(), days.collect::<String>())
        }),
    })
}

/// The good file under other policies.
pub fn policies(story: &Story, good: &Evidence) -> Vec<Value> {
    let policy = story.policy();
    let other_root = SigningKey::from_seed(&seed("another operator")).verifying_key();
    let strict = format!("{}", policy.witnesses).replace(" any ", " all ");
    [
        (
            "no witnesses",
            Policy::without_witnesses(policy.origin.clone(), policy.root),
        ),
        (
            "another root key",
            Policy {
                root: other_root,
                ..policy.clone()
            },
        ),
        (
            "another origin",
            Policy {
                origin: "other.example".into(),
                ..policy.clone()
            },
        ),
        (
            "all witnesses",
            Policy {
                witnesses: postfach_crypto::tlog::Policy::parse(strict.as_bytes()).unwrap(),
                ..policy
            },
        ),
    ]
    .into_iter()
    .map(|(name, policy)| {
        let mut judged = judged(&verify(good, &policy));
        judged["name"] = json!(name);
        judged["origin"] = json!(policy.origin);
        judged["root"] = json!(hex::encode(policy.root.0));
        judged["witnesses"] = json!(policy.witnesses.to_string());
        judged
    })
    .collect()
}

struct Laboratory<'a> {
    good: &'a Evidence,
    file: Vec<u8>,
    policy: Policy,
    rng: ChaCha20Rng,
    mutations: Vec<Value>,
}

fn record(evidence: &mut Evidence) -> &mut LogRecord {
    evidence.log.as_mut().unwrap()
}

fn flip(bytes: &mut [u8], at: usize, bit: usize) {
    bytes[at] ^= 1 << bit;
}

fn flip_hash(hashes: &mut [TreeHash], at: usize, bit: usize) {
    hashes[at / 32].0[at % 32] ^= 1 << bit;
}

impl Laboratory<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.next_u64() % bound as u64).unwrap()
    }

    fn place(&mut self, length: usize) -> (usize, usize) {
        (self.below(length), self.below(8))
    }

    fn put(&mut self, done: impl Into<String>, bytes: &[u8]) {
        if bytes == self.file {
            return;
        }
        let mut mutation = json!({ "done": done.into() });
        match Evidence::decode(bytes) {
            Err(error) => mutation["no_file"] = json!(failures::evidence(&error)),
            Ok(evidence) => {
                mutation["found"] = json!(found(&verify(&evidence, &self.policy)));
                let compared = compare(self.good, &evidence, &self.policy);
                let names = compared
                    .differences
                    .iter()
                    .map(|it| format!(" {}", it.name()));
                let names: String = names.collect();
                mutation["compared"] = json!(format!("{}{names}", compared.agreement().name()));
            }
        }
        self.mutations.push(mutation);
    }

    /// Changes the file's content and writes it whatever it breaks.
    fn change(&mut self, done: impl Into<String>, change: impl FnOnce(&mut Evidence)) {
        let mut evidence = self.good.clone();
        change(&mut evidence);
        evidence.sort();
        self.put(done, &codec::encode(&evidence));
    }

    fn spoil_lists(&mut self) {
        for (name, list) in LISTS {
            let lengths: Vec<usize> = list(&mut self.good.clone())
                .iter()
                .map(|it| it.len())
                .collect();
            let count = lengths.len();
            self.change(format!("{name} empty"), |it| list(it).clear());
            for (index, length) in lengths.into_iter().enumerate() {
                self.change(format!("{name} {index} drop"), |it| {
                    list(it).remove(index);
                });
                let to = self.below(count + 1);
                self.change(format!("{name} {index} double {to}"), |it| {
                    let doubled = list(it)[index].clone();
                    list(it).insert(to, doubled);
                });
                let other = self.below(count);
                self.change(format!("{name} {index} swap {other}"), |it| {
                    list(it).swap(index, other);
                });
                let (other_name, other) = LISTS[self.below(LISTS.len())];
                if other_name != name {
                    self.change(format!("{name} {index} move {other_name}"), |it| {
                        let moved = list(it).remove(index);
                        other(it).push(moved);
                    });
                }
                for _ in 0..4 {
                    let (at, bit) = self.place(length);
                    self.change(format!("{name} {index} flip {at} {bit}"), |it| {
                        flip(&mut list(it)[index], at, bit);
                    });
                }
            }
        }
        self.change("log drop", |it| it.log = None);
        self.change("opened drop", |it| it.opened = None);
        for _ in 0..6 {
            let (at, bit) = self.place(16);
            self.change(format!("opened key {at} {bit}"), |it| {
                flip(&mut it.opened.as_mut().unwrap().file_key, at, bit);
            });
            let (at, bit) = self.place(self.good.opened.as_ref().unwrap().payload.len());
            self.change(format!("opened flip {at} {bit}"), |it| {
                flip(&mut it.opened.as_mut().unwrap().payload, at, bit);
            });
        }
    }

    fn spoil_proofs(&mut self) {
        let good = record(&mut self.good.clone()).clone();
        for (index, note) in good.checkpoints.iter().enumerate() {
            for _ in 0..12 {
                let (at, bit) = self.place(note.len());
                self.change(format!("checkpoint {index} flip {at} {bit}"), |it| {
                    flip(&mut record(it).checkpoints[index], at, bit);
                });
            }
        }
        for (index, proof) in good.inclusions.iter().enumerate() {
            let done = |what: String| format!("inclusion {index} {what}");
            self.change(done("drop".to_owned()), |it| {
                record(it).inclusions.remove(index);
            });
            let (at, bit) = self.place(32);
            self.change(done(format!("entry {at} {bit}")), |it| {
                flip(&mut record(it).inclusions[index].entry.0, at, bit);
            });
            let (at, bit) = self.place(32 * proof.hashes.len());
            self.change(done(format!("flip {at} {bit}")), |it| {
                flip_hash(&mut record(it).inclusions[index].hashes, at, bit);
            });
            let position = [0, 1, 63, 64, 1 << 20][self.below(5)];
            self.change(done(format!("at {position}")), |it| {
                record(it).inclusions[index].position = position;
                record(it).inclusions.sort_by_key(|proof| proof.position);
            });
            let count = [0, 1, 62, 63, 64][self.below(5)];
            self.change(done(format!("hashes {count}")), |it| {
                record(it).inclusions[index]
                    .hashes
                    .resize(count, TreeHash([3; 32]));
            });
        }
        for (index, proof) in good.consistencies.iter().enumerate() {
            let done = |what: String| format!("consistency {index} {what}");
            self.change(done("drop".to_owned()), |it| {
                record(it).consistencies.remove(index);
            });
            let (at, bit) = self.place(32 * proof.hashes.len());
            self.change(done(format!("flip {at} {bit}")), |it| {
                flip_hash(&mut record(it).consistencies[index].hashes, at, bit);
            });
            for size in [0, 1, proof.size + 1, 1 << 20] {
                self.change(done(format!("at {size}")), |it| {
                    record(it).consistencies[index].size = size;
                    record(it).consistencies.sort_by_key(|proof| proof.size);
                });
            }
            for count in [0, 1, 63, 64] {
                self.change(done(format!("hashes {count}")), |it| {
                    record(it).consistencies[index]
                        .hashes
                        .resize(count, TreeHash([3; 32]));
                });
            }
        }
    }

    fn spoil_the_file(&mut self) {
        for _ in 0..60 {
            let (at, bit) = self.place(self.file.len());
            let mut bytes = self.file.clone();
            flip(&mut bytes, at, bit);
            self.put(format!("file flip {at} {bit}"), &bytes);
        }
        for _ in 0..6 {
            let length = self.below(self.file.len());
            let bytes = self.file[..length].to_vec();
            self.put(format!("file cut {length}"), &bytes);
        }
    }
}

pub fn mutations(story: &Story, good: &Evidence) -> Vec<Value> {
    let mut laboratory = Laboratory {
        good,
        file: good.encode().unwrap(),
        policy: story.policy(),
        rng: rng("evidence mutations"),
        mutations: Vec::new(),
    };
    laboratory.spoil_lists();
    laboratory.spoil_proofs();
    laboratory.spoil_the_file();
    assert!(laboratory.mutations.len() >= 300);
    laboratory.mutations
}
