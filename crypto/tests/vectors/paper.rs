//! What stands on paper: addresses, activation codes, recovery sheets, the letter's web address.

use postfach_crypto::enrolment::{ActivationCode, Invitation, InvitationError, RecoverySecret};
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::{SecretTextError, codec};
use serde_json::{Value, json};

use super::support::world::{ORIGIN, World};
use super::support::{diagnostic, rng, seed};

pub fn addresses() -> Value {
    let world = World::new();
    let good: Vec<_> = [&world.citizen, &world.authority]
        .iter()
        .map(|actor| {
            let (identity, recovery) = (actor.keys[0].identity, actor.keys[0].recovery);
            assert_eq!(Address::of(&identity, &recovery), actor.address());
            let committed = codec::encode(&(identity, recovery));
            json!({
                "identity": hex::encode(identity.0),
                "recovery_key": hex::encode(actor.recovery.verifying_key().0),
                "recovery_key_hash": recovery.to_string(),
                "hashed_diagnostic": diagnostic::of(&committed),
                "hashed": hex::encode(committed),
                "address": hex::encode(actor.address().0),
                "text": actor.address().to_string(),
            })
        })
        .collect();
    let text = world.citizen.address().to_string();
    let with = |hrp: &str, bytes: &[u8]| {
        let hrp = bech32::Hrp::parse(hrp).unwrap();
        bech32::encode::<bech32::Bech32m>(hrp, bytes).unwrap()
    };
    let plain = bech32::Hrp::parse("pf").unwrap();
    let bech32 = bech32::encode::<bech32::Bech32>(plain, &world.citizen.address().0).unwrap();
    let mut mixed = text.clone();
    mixed.replace_range(3..10, &text[3..10].to_uppercase());
    let last = if text.ends_with('q') { 'p' } else { 'q' };
    let mistyped = format!("{}{last}", &text[..text.len() - 1]);
    let bad: Vec<_> = [
        ("typing error", mistyped),
        ("mixed case", mixed),
        ("other prefix", with("bc", &world.citizen.address().0)),
        ("bech32 in place of bech32m", bech32),
        ("31 bytes", with("pf", &[7; 31])),
        ("33 bytes", with("pf", &[7; 33])),
        ("space in front", format!(" {text}")),
        ("empty", String::new()),
    ]
    .into_iter()
    .map(|(name, text)| {
        assert!(text.parse::<Address>().is_err(), "{name}");
        json!({ "name": name, "text": text })
    })
    .collect();
    json!({ "good": good, "bad": bad })
}

pub fn codes() -> Value {
    let world = World::new();
    let code = &world.code;
    let text = code.to_text();
    let statement = world.citizen.keys[0].hash();
    let secret = RecoverySecret::generate(&mut rng("citizen recovery"));
    let invitation = Invitation {
        service: "https://postfach.example:8443".into(),
        issuer: world.authority.address(),
        root: world.root.verifying_key(),
        code: code.clone(),
    };
    let typed = [
        text.to_lowercase(),
        text.replace('-', ""),
        text.replace('-', " "),
        text.replace('0', "O").replace('1', "I"),
        text.replace('1', "l"),
    ];
    for typed in &typed {
        assert_eq!(typed.parse::<ActivationCode>().unwrap().id(), code.id());
    }
    let url = invitation.to_url();
    assert_eq!(url.parse::<Invitation>().unwrap().to_url(), url);
    json!({
        "activation_code": {
            "text": text.as_str(),
            "read_alike": typed,
            "code_id": code.id().to_string(),
            "key_statement": statement.to_string(),
            "origin": ORIGIN,
            "claim_mac": hex::encode(code.claim_mac(&statement, ORIGIN)),
        },
        "recovery_secret": {
            "text": secret.to_text().as_str(),
            "recovery_key_seed": hex::encode(*secret.recovery_key().seed()),
            "recovery_key": hex::encode(secret.recovery_key().verifying_key().0),
            "recovery_key_hash": secret.recovery_key().verifying_key().recovery_hash().to_string(),
        },
        "invitation": {
            "service": invitation.service,
            "issuer": invitation.issuer.to_string(),
            "root": hex::encode(invitation.root.0),
            "url": url.as_str(),
        },
        "person": {
            "diagnostic": diagnostic::of(&codec::encode(&world.person)),
            "encoded": hex::encode(codec::encode(&world.person)),
            "commitment": world.person.commitment().to_string(),
        },
        "bad_codes": bad_codes(&text),
        "bad_invitations": bad_invitations(&url),
        "bad_claims": bad_claims(&world, &statement),
    })
}

fn bad_codes(text: &str) -> Vec<Value> {
    let digit = |from: char| if from == '7' { "8" } else { "7" };
    let first = text.chars().next().unwrap();
    let mut mistyped = text.to_owned();
    mistyped.replace_range(0..1, digit(first));
    let mut swapped: Vec<char> = text.chars().collect();
    let pair = swapped
        .windows(2)
        .position(|pair| pair[0] != pair[1] && pair[0] != '-' && pair[1] != '-');
    let at = pair.unwrap();
    swapped.swap(at, at + 1);
    [
        ("typing error", "check", mistyped),
        (
            "two characters exchanged",
            "check",
            swapped.into_iter().collect(),
        ),
        (
            "one character missing",
            "form",
            text[..text.len() - 1].to_owned(),
        ),
        ("one group too many", "form", format!("{text}-0000")),
        ("the letter U", "form", format!("U{}", &text[1..])),
        ("empty", "form", String::new()),
    ]
    .into_iter()
    .map(|(name, failure, text)| {
        let expected = match failure {
            "check" => SecretTextError::Check,
            _ => SecretTextError::Form,
        };
        assert_eq!(
            text.parse::<ActivationCode>().unwrap_err(),
            expected,
            "{name}"
        );
        json!({ "name": name, "failure": failure, "text": text })
    })
    .collect()
}

fn bad_invitations(url: &str) -> Vec<Value> {
    [
        ("version 2", "form", url.replace("#1.", "#2.")),
        ("no fragment", "form", url.replace('#', "?")),
        ("another page", "form", url.replace("/enrol#", "/login#")),
        ("a field too many", "form", format!("{url}.1")),
        (
            "code missing",
            "form",
            url.rsplit_once('.').unwrap().0.to_owned(),
        ),
        (
            "code damaged",
            "code",
            format!("{}0", &url[..url.len() - 1]).replace("00", "0Z"),
        ),
    ]
    .into_iter()
    .map(|(name, failure, url)| {
        let error = url.parse::<Invitation>().expect_err(name);
        let found = match error {
            InvitationError::Form => "form",
            InvitationError::Code(_) => "code",
        };
        assert_eq!(found, failure, "{name}");
        json!({ "name": name, "failure": failure, "url": url })
    })
    .collect()
}

fn bad_claims(world: &World, statement: &StatementHash) -> Vec<Value> {
    let mac = world.code.claim_mac(statement, ORIGIN);
    let other = ActivationCode::generate(&mut rng("another code"));
    let other_statement = StatementHash(seed("another statement"));
    let refused = |code: &ActivationCode, statement: &StatementHash, origin: &str| {
        assert!(code.verify_claim(statement, origin, &mac).is_err());
    };
    refused(&other, statement, ORIGIN);
    refused(&world.code, &other_statement, ORIGIN);
    refused(&world.code, statement, "other.example");
    vec![
        json!({ "name": "another code", "code": other.to_text().as_str() }),
        json!({ "name": "another key statement", "key_statement": other_statement.to_string() }),
        json!({ "name": "another origin", "origin": "other.example" }),
    ]
}
