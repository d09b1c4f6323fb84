//! Vaults: what each secret yields, a content and what is none, and sealed bytes.

use postfach_crypto::age::HybridIdentity;
use postfach_crypto::codec;
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::party::Party;
use postfach_crypto::statement::RecipientKey;
use postfach_crypto::vault::{
    HolderKind, SecretSeed, VaultContent, VaultError, VaultHolder, VaultKeys, VaultSecret, seal,
};
use serde_json::{Value, json};

use super::support::world::{Actor, ORIGIN, World};
use super::support::{diagnostic, failures, rng, seed};

pub fn vectors() -> Value {
    let secret = seed("vault secret");
    let code: [u8; 16] = std::array::from_fn(|n| secret[n]);
    let sheet = RecoverySecret::generate(&mut rng("citizen recovery"));
    let desk = HybridIdentity::from_seed(&seed("vault desk"));
    let secrets = [
        (
            "passkey",
            hex::encode(secret),
            VaultSecret::Passkey(&secret),
        ),
        ("device", hex::encode(secret), VaultSecret::Device(&secret)),
        ("joining", hex::encode(code), VaultSecret::Joining(&code)),
        (
            "sheet",
            sheet.to_text().to_string(),
            VaultSecret::Sheet(&sheet),
        ),
        (
            "desk",
            hex::encode(*desk.to_seed()),
            VaultSecret::Desk(&desk),
        ),
    ];
    let derived = secrets.map(|(kind, given, secret)| {
        let keys = VaultKeys::derive(secret);
        json!({
            "kind": kind,
            "secret": given,
            "age_seed": hex::encode(*keys.identity.to_seed()),
            "key_seed": hex::encode(*keys.key.seed()),
            "key": hex::encode(keys.key.verifying_key().0),
            "id": keys.id().to_string(),
        })
    });
    let world = World::new();
    let full = content(&world, &secret, &sheet);
    let mut clerk = full.clone();
    clerk.identity = None;
    clerk.issuer = None;
    let good = [("full", &full), ("a clerk's", &clerk)].map(|(name, content)| {
        let bytes = content.encode().unwrap();
        assert_eq!(&VaultContent::decode(&bytes).unwrap(), content);
        json!({
            "name": name,
            "diagnostic": diagnostic::of(&bytes),
            "content": hex::encode(&*bytes),
        })
    });
    let keys = VaultKeys::derive(VaultSecret::Passkey(&secret));
    let bytes = full.encode().unwrap();
    let sealed = seal(&keys.identity.recipient(), &bytes, &mut rng("vault sealed"));
    assert_eq!(*keys.open(&sealed).unwrap(), *bytes);
    let other = VaultKeys::derive(VaultSecret::Device(&secret));
    assert!(other.open(&sealed).is_err());
    check_histories(&world, &full, &clerk);
    json!({
        "derived": derived,
        "good": good,
        "bad": bad(&full),
        "sealed": { "kind": "passkey", "sealed": hex::encode(sealed), "content": hex::encode(&*bytes) },
    })
}

fn holder(kind: HolderKind, name: &str, secret: VaultSecret<'_>) -> VaultHolder {
    let keys = VaultKeys::derive(secret);
    VaultHolder {
        kind,
        name: name.into(),
        key: keys.key.verifying_key(),
        recipient: RecipientKey::x_wing(&keys.identity.recipient().to_bytes()),
        added: UnixMillis(1_790_000_000_000),
        signer: None,
    }
}

fn content(world: &World, secret: &[u8; 32], sheet: &RecoverySecret) -> VaultContent {
    let clerk = VaultHolder {
        signer: Some(world.clerk.verifying_key()),
        ..holder(
            HolderKind::Clerk,
            "Sachbearbeitung",
            VaultSecret::Device(secret),
        )
    };
    VaultContent {
        version: 1,
        address: world.citizen.address(),
        service: "https://postfach.example".into(),
        origin: ORIGIN.into(),
        root: world.root.verifying_key(),
        openers: vec![
            SecretSeed::new(&world.citizen.age.to_seed()),
            SecretSeed::new(&seed("an older age identity")),
        ],
        holders: vec![
            holder(
                HolderKind::Device,
                "Mein Telefon",
                VaultSecret::Passkey(secret),
            ),
            holder(HolderKind::Sheet, "Blatt", VaultSecret::Sheet(sheet)),
            clerk,
        ],
        identity: Some(SecretSeed::new(&world.citizen.identity.seed())),
        issuer: Some(world.authority.address()),
    }
}

fn history_of(actor: &Actor) -> Party {
    Party::from_history(actor.address(), actor.keys.iter().cloned()).unwrap()
}

/// A content counts for the newest keys of its own party.
fn check_histories(world: &World, full: &VaultContent, clerk: &VaultContent) {
    let party = history_of(&world.citizen);
    assert_eq!(full.check_current(&party), Ok(()));
    assert_eq!(clerk.check_current(&party), Ok(()));
    let mut stale = full.clone();
    stale.identity = Some(SecretSeed::new(
        &SigningKey::generate(&mut rng("stale")).seed(),
    ));
    assert_eq!(stale.check_current(&party), Err(VaultError::Stale));
    let mut stale = clerk.clone();
    stale.openers.rotate_left(1);
    assert_eq!(stale.check_current(&party), Err(VaultError::Stale));
    let other = history_of(&world.authority);
    assert_eq!(full.check_current(&other), Err(VaultError::Foreign));
}

fn bad(full: &VaultContent) -> Vec<Value> {
    let broken = |change: &dyn Fn(&mut VaultContent)| {
        let mut content = full.clone();
        change(&mut content);
        codec::encode(&content)
    };
    let mut trailing = codec::encode(full);
    trailing.push(0);
    let mut weak = [0; 32];
    weak[0] = 1;
    [
        ("version 2", "rule/range", broken(&|it| it.version = 2)),
        (
            "no age identity",
            "rule/count",
            broken(&|it| it.openers.clear()),
        ),
        ("no holder", "rule/count", broken(&|it| it.holders.clear())),
        (
            "service without text",
            "rule/text",
            broken(&|it| it.service.clear()),
        ),
        (
            "holder without name",
            "rule/text",
            broken(&|it| it.holders[0].name.clear()),
        ),
        (
            "name with a line break",
            "rule/text",
            broken(&|it| it.holders[0].name = "a\nb".into()),
        ),
        (
            "one vault twice",
            "rule/contradiction",
            broken(&|it| it.holders[1].key = it.holders[0].key),
        ),
        (
            "weak vault key",
            "rule/key",
            broken(&|it| it.holders[0].key.0 = weak),
        ),
        (
            "recipient that is not canonical",
            "rule/key",
            broken(&|it| it.holders[0].recipient = RecipientKey::x_wing(&[0xff; 1216])),
        ),
        ("trailing byte", "encoding/framing", trailing),
        ("empty", "encoding/framing", vec![]),
    ]
    .into_iter()
    .map(|(name, failure, bytes)| {
        let error = VaultContent::decode(&bytes).expect_err(name);
        let found = match error {
            VaultError::Encoding(error) => format!("encoding/{}", failures::decode(&error)),
            VaultError::Rule(error) => format!("rule/{}", failures::rule(&error)),
            other => panic!("{name}: {other}"),
        };
        assert_eq!(found, failure, "{name}");
        json!({ "name": name, "failure": failure, "content": hex::encode(bytes) })
    })
    .collect()
}
