//! Policies and what they make of a checkpoint, post-quantum cosignatures included; verifier keys, policies and proof
//! files that must be refused.

use ml_dsa::{KeyInit as _, MlDsa44};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::{
    Cosigner, KeyName, NoteKey, NoteSignature, Policy, SignedCheckpoint, TlogProof, UnixSeconds,
    VerifierKey,
};
use serde_json::{Value, json};

use super::support::seed;

fn cosigner(name: &str) -> Cosigner {
    let key = SigningKey::from_seed(&seed(&format!("cosigner {name}")));
    Cosigner::new(KeyName::new(format!("{name}.example")).unwrap(), key)
}

fn post_quantum() -> (ml_dsa::SigningKey<MlDsa44>, VerifierKey) {
    let key = ml_dsa::SigningKey::<MlDsa44>::new(&seed("post-quantum witness").into());
    let public = key.expanded_key().verifying_key().encode();
    let public = NoteKey::MlDsa44Cosigner(Box::new(public.as_slice().try_into().unwrap()));
    let name = KeyName::new("pq.example/w").unwrap();
    (key, VerifierKey::new(name, public))
}

/// `timestamped_signature` over `cosigned_message` (tlog-cosignature, "ML-DSA-44 signed message").
fn cosign_post_quantum(signed: &SignedCheckpoint, time: u64) -> NoteSignature {
    let (key, public) = post_quantum();
    let head = signed.head();
    let name = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let message = [
        b"subtree/v1\n\0".to_vec(),
        name(public.name().as_str()),
        time.to_be_bytes().to_vec(),
        name(signed.checkpoint().origin()),
        0u64.to_be_bytes().to_vec(),
        head.size.to_be_bytes().to_vec(),
        head.root.0.to_vec(),
    ]
    .concat();
    let signature = key.expanded_key().sign_deterministic(&message, &[]);
    NoteSignature {
        name: public.name().clone(),
        id: public.id(),
        bytes: [&time.to_be_bytes(), signature.unwrap().encode().as_slice()].concat(),
    }
}

/// Two groups of Ed25519 witnesses, a post-quantum witness, and all three of them needed.
fn policy(log: &VerifierKey) -> String {
    let mut text = format!("# example\n\nlog {log} https://log.example/\n");
    for name in ["x1", "x2", "x3", "y1", "y2"] {
        text += &format!("witness {name} {}\n", cosigner(name).verifier_key());
    }
    text += &format!("witness pq {} https://pq.example/\n", post_quantum().1);
    text + " \tgroup x\t2 x1 x2  x3 \ngroup y any y1 y2\ngroup all-of-them all x y pq\nquorum all-of-them\n"
}

/// A policy, and notes with what it makes of them.
pub fn judgements(signed: &SignedCheckpoint, log: &VerifierKey) -> Value {
    let text = policy(log);
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let keys: Vec<VerifierKey> = policy.witnesses().iter().map(|w| w.key.clone()).collect();
    let notes: Vec<Value> = [
        ("signed by the log only", "", false),
        ("one group", "x1 500;x2 400", false),
        ("without the post-quantum witness", "x1 500;x2 400;y2 300", false),
        ("enough", "x1 500;x2 400;y2 300;pq 450", false),
        ("one witness three times", "x1 500;x1 100;x1 900;y1 300;pq 450", false),
        ("the earliest of each counts", "x1 500;x1 100;x3 900;y1 300;y2 200;pq 250", false),
        ("without a time it counts, but not for the time", "x1 0;x2 400;y1 300;pq 250", false),
        ("a witness that is not known here", "x1 500;z9 400", false),
        ("a post-quantum cosignature that does not hold", "x1 500;pq 400", true),
        ("a cosignature that does not hold", "y1 500;x1 400", true),
    ]
    .into_iter()
    .map(|(name, lines, spoilt)| {
        let mut note = signed.note().to_string();
        for line in lines.split(';').filter(|line| !line.is_empty()) {
            let (who, time) = line.split_once(' ').unwrap();
            let time: u64 = time.parse().unwrap();
            let mut line = match who {
                "pq" => cosign_post_quantum(signed, time),
                _ => cosigner(who).cosign(signed.checkpoint(), UnixSeconds(time)),
            };
            if spoilt && time == 400 {
                line.bytes[9] ^= 1;
            }
            note += &line.to_string();
        }
        let judged = policy.judge(note.as_bytes(), &policy.log_keys());
        let verdict = match judged {
            Err(error) => json!({ "fails": error.to_string() }),
            Ok(judged) => json!({
                "cosigned": judged.cosigned().iter().map(|c| {
                    let name = String::from_utf8_lossy(&policy.witnesses()[c.witness].name).into_owned();
                    json!([name, c.time.map(|time| time.0)])
                }).collect::<Vec<_>>(),
                "quorum": judged.has_quorum(),
                "quorum_time": judged.quorum_time().map(|time| time.0),
            }),
        };
        json!({ "name": name, "note": note, "judged": verdict })
    })
    .collect();
    json!({
        "policy": text,
        "written": String::from_utf8(policy.to_bytes()).unwrap(),
        "witnesses": keys.iter().map(|key| json!([key.name().as_str(), key.id().to_string()])).collect::<Vec<_>>(),
        "notes": notes,
    })
}

pub fn bad_policies(log: &VerifierKey) -> Vec<Value> {
    let line = |name: &str, key: &str| format!("witness {name} {}\n", cosigner(key).verifier_key());
    let (a, b) = (line("a", "a"), line("b", "b"));
    let logs = format!("log {log}\n");
    let many = |lines: &dyn Fn(usize) -> String| (0..65).map(lines).collect::<String>();
    [
        String::new(),
        "# nothing\n".to_owned(),
        "quorum none".to_owned(),
        "quorum none\r\n".to_owned(),
        "quorum none\n\u{b}\n".to_owned(),
        "quorum none\u{7f}\n".to_owned(),
        "quorum none\nquorum none\n".to_owned(),
        "quorum\n".to_owned(),
        "quorum none none\n".to_owned(),
        "Quorum none\n".to_owned(),
        "quorum a\n".to_owned(),
        format!("quorum a\n{a}"),
        "log\n".to_owned(),
        "log x\n".to_owned(),
        "log x y z\n".to_owned(),
        format!("{logs}{logs}"),
        format!("log {}\n", cosigner("a").verifier_key()),
        format!("witness a {log}\n"),
        format!("{a}{}", line("c", "a")),
        format!("{a}{}", line("a", "b")),
        line("none", "a"),
        format!("{a}{b}group g 0 a b\n"),
        format!("{a}{b}group g 3 a b\n"),
        format!("{a}{b}group g 01 a b\n"),
        format!("{a}{b}group g most a b\n"),
        format!("{a}group g all\n"),
        format!("{a}group g all b\n{b}"),
        format!("{a}group g all g\n"),
        format!("{a}group g all none\n"),
        format!("{a}group g all a a\n"),
        format!("{a}{b}group g all a\ngroup h all a b\n"),
        format!("{a}group a all a\n"),
        many(&|place| line(&format!("w{place}"), &format!("w{place}"))),
    ]
    .into_iter()
    .map(|text| {
        let fails = Policy::parse(text.as_bytes()).unwrap_err().to_string();
        json!({ "policy": text, "fails": fails })
    })
    .collect()
}

pub fn bad_keys(log: &VerifierKey) -> Vec<Value> {
    let good = log.to_string();
    let (start, key) = good.rsplit_once('+').unwrap();
    let (name, id) = start.split_once('+').unwrap();
    let typed = |kind: u8, len: usize| {
        use base64::Engine as _;
        let bytes = [&[kind][..], &vec![1; len]].concat();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    };
    [
        String::new(),
        name.to_owned(),
        start.to_owned(),
        format!("+{id}+{key}"),
        format!("a b+{id}+{key}"),
        format!("a\u{2028}b+{id}+{key}"),
        format!("{}+{id}+{key}", "n".repeat(256)),
        format!("{name}+{id}x+{key}"),
        format!("{name}+{}+{key}", id.to_uppercase()),
        format!("{name}+00000000+{key}"),
        format!("other+{id}+{key}"),
        format!("{name}+{id}+{key}="),
        format!("{name}+{id}+"),
        format!("{name}+{id}+{}", typed(1, 31)),
        format!("{name}+{id}+{}", typed(6, 32)),
        format!("{name}+{id}+{}", typed(2, 32)),
        // The neutral element, which signs everything.
        format!("{name}+{id}+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ]
    .into_iter()
    .map(|text| {
        let fails = text.parse::<VerifierKey>().unwrap_err().to_string();
        json!({ "key": text, "fails": fails })
    })
    .collect()
}

pub fn bad_proof_files(good: &str) -> Vec<Value> {
    let hash = good.lines().nth(3).unwrap();
    [
        String::new(),
        good.replacen("@v1", "@v2", 1),
        good.replacen("index 300", "index 0300", 1),
        good.replacen("index 300", "300", 1),
        good.replacen("index 300", "index 9223372036854775807", 1),
        good.replacen("extra ", "extra !", 1),
        good.replacen("extra QmVzY2hlaWQ=", "extra ", 1),
        good.replacen(hash, &hash[1..], 1),
        good.replacen(hash, &format!("{hash}\n").repeat(64), 1),
        good.replacen("\n\n", "\n", 2),
        good.replacen("\n600\n", "\n0600\n", 1),
        good.split("\n\n").next().unwrap().to_owned(),
        good.trim_end().to_owned(),
    ]
    .into_iter()
    .map(|text| {
        let fails = TlogProof::parse(text.as_bytes()).unwrap_err().to_string();
        json!({ "proof_file": text, "fails": fails })
    })
    .collect()
}
