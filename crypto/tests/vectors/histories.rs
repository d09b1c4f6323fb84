//! Key histories: good ones, and each way to break one.

use postfach_crypto::ids::Address;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::party::{HistoryError, Party};
use postfach_crypto::statement::{KeyStatement, RecipientKey, Role, Signed, SignerGrant};
use serde_json::{Value, json};

use super::support::failures;
use super::support::world::{START, World, key};
use postfach_crypto::ids::UnixMillis;

type History = (&'static str, Address, Vec<Signed<KeyStatement>>);

fn build(history: &History) -> Result<Party, HistoryError> {
    Party::from_history(history.1, history.2.iter().cloned())
}

fn json((name, address, statements): &History) -> Value {
    let bytes = |statement: &Signed<KeyStatement>| hex::encode(statement.bytes());
    json!({
        "name": name,
        "address": address.to_string(),
        "statements": statements.iter().map(bytes).collect::<Vec<_>>(),
    })
}

pub fn vectors() -> Value {
    let good: Vec<_> = good()
        .iter()
        .map(|history| {
            let party = build(history).expect(history.0);
            let mut json = json(history);
            json["head_count"] = party.head().count.into();
            json["head_last"] = party.head().last.to_string().into();
            json
        })
        .collect();
    let bad: Vec<_> = bad()
        .iter()
        .map(|(failure, history)| {
            let error = build(history).expect_err(history.0);
            assert_eq!(failures::history(&error), *failure, "{}", history.0);
            let mut json = json(history);
            json["failure"] = (*failure).into();
            json
        })
        .collect();
    json!({ "good": good, "bad": bad })
}

fn grant(key: &SigningKey, roles: Vec<Role>) -> SignerGrant {
    SignerGrant {
        key: key.verifying_key(),
        roles,
        from: UnixMillis(START),
        until: None,
    }
}

/// The citizen's number 0, and a statement that follows it after `change`, signed by `signer`.
fn pair(
    name: &'static str,
    change: impl FnOnce(KeyStatement) -> KeyStatement,
    signer: &SigningKey,
) -> History {
    let mut world = World::new();
    let first = world.citizen.keys[0].clone();
    let next = change(world.next_keys(&first));
    let next = Signed::sign(next, signer).unwrap();
    (name, first.address, vec![first, next])
}

fn rotated(next: KeyStatement, identity: &SigningKey) -> KeyStatement {
    let next = KeyStatement {
        identity: identity.verifying_key(),
        ..next
    };
    next.with_possession(identity)
}

fn recovered(next: KeyStatement, recovery: &SigningKey, identity: &SigningKey) -> KeyStatement {
    let next = KeyStatement {
        recovered_with: Some(recovery.verifying_key()),
        ..next
    };
    rotated(next, identity)
}

/// The authority with an administrator, and a statement that this one signs.
fn administered(name: &'static str, change: impl FnOnce(&mut KeyStatement)) -> History {
    let mut world = World::new();
    let administrator = key("administrator");
    let first = world.authority.keys[0].clone();
    let mut second = world.next_keys(&first);
    second.signers = vec![grant(&administrator, vec![Role::Administer])];
    let second = Signed::sign(second, &world.authority.identity).unwrap();
    let mut third = world.next_keys(&second);
    change(&mut third);
    third.signers.sort_by_key(|grant| grant.key);
    let third = Signed::sign(third, &administrator).unwrap();
    (name, first.address, vec![first, second, third])
}

fn good() -> Vec<History> {
    let world = World::new();
    let (identity, recovery) = (&world.citizen.identity, &world.citizen.recovery);
    let new = key("new identity");
    let clerk = grant(&key("new clerk"), vec![Role::Read]);
    vec![
        (
            "number 0 alone",
            world.citizen.address(),
            vec![world.citizen.keys[0].clone()],
        ),
        pair(
            "signers changed by the identity key",
            |mut next| {
                next.signers = vec![clerk.clone()];
                next
            },
            identity,
        ),
        pair("identity key changed", |next| rotated(next, &new), identity),
        pair(
            "recovered",
            |next| recovered(next, recovery, &new),
            recovery,
        ),
        pair(
            "recovered, with a new recovery key",
            |mut next| {
                next.recovery = new.verifying_key().recovery_hash();
                recovered(next, recovery, &new)
            },
            recovery,
        ),
        administered("signers changed by an administrator", |next| {
            next.signers.push(clerk.clone());
        }),
    ]
}

fn bad() -> Vec<(&'static str, History)> {
    let world = World::new();
    let (identity, recovery) = (&world.citizen.identity, &world.citizen.recovery);
    let (new, stranger) = (key("new identity"), key("stranger"));
    let first = world.citizen.keys[0].clone();
    let address = first.address;
    let second = pair("", |next| next, identity).2.remove(1);
    let low_order = |mut next: KeyStatement| {
        let mut key: [u8; 1216] = next.recipients[0].bytes().try_into().unwrap();
        key[1184..].fill(0);
        next.recipients = vec![RecipientKey::x_wing(&key)];
        next
    };
    let branch = |mut next: KeyStatement| {
        next.previous = Some(world.binding.hash());
        next
    };
    let numbered = |mut next: KeyStatement| {
        next.number = 2;
        next
    };
    let by_administrator = grant(&stranger, vec![Role::Administer]);
    vec![
        ("history-empty", ("no statement", address, vec![])),
        (
            "history-empty",
            ("begins with number 1", address, vec![second.clone()]),
        ),
        (
            "history-other-address",
            (
                "first keys of another address",
                Address([1; 32]),
                vec![first.clone()],
            ),
        ),
        (
            "history-unauthorised",
            (
                "number 0 signed by another key",
                address,
                vec![Signed::sign(first.payload().clone(), &stranger).unwrap()],
            ),
        ),
        (
            "history-not-next",
            (
                "the same statement twice",
                address,
                vec![first.clone(), first.clone()],
            ),
        ),
        (
            "history-not-next",
            pair("number 2 after number 0", numbered, identity),
        ),
        (
            "history-branch",
            pair("another predecessor (a branch)", branch, identity),
        ),
        (
            "history-unauthorised",
            pair("signed by a stranger", |next| next, &stranger),
        ),
        (
            "history-unauthorised",
            pair(
                "new identity signs for itself",
                |next| rotated(next, &new),
                &new,
            ),
        ),
        (
            "history-no-possession",
            pair(
                "new identity without proof of possession",
                |next| KeyStatement {
                    identity: new.verifying_key(),
                    ..next
                },
                identity,
            ),
        ),
        (
            "history-no-possession",
            pair(
                "proof of possession over other content",
                |next| {
                    let mut next = rotated(next, &new);
                    next.context.epoch += 1;
                    next
                },
                identity,
            ),
        ),
        (
            "history-unauthorised",
            pair(
                "proof of possession without a new identity",
                |next| next.with_possession(identity),
                identity,
            ),
        ),
        (
            "history-unauthorised",
            pair(
                "recovered with another key",
                |next| recovered(next, &stranger, &new),
                &stranger,
            ),
        ),
        (
            "history-unauthorised",
            pair(
                "recovery key named, signed by another",
                |next| recovered(next, recovery, &new),
                identity,
            ),
        ),
        (
            "history-unauthorised",
            pair(
                "recovery without a new identity",
                |next| KeyStatement {
                    recovered_with: Some(recovery.verifying_key()),
                    ..next
                },
                recovery,
            ),
        ),
        (
            "history-unauthorised",
            pair(
                "identity key changes the recovery key",
                |mut next| {
                    next.recovery = stranger.verifying_key().recovery_hash();
                    next
                },
                identity,
            ),
        ),
        (
            "history-recipient",
            pair("age recipient of low order", low_order, identity),
        ),
        (
            "history-administrator-overreach",
            administered("administrator changes the age recipients", |next| {
                next.recipients.push(first.recipients[0].clone());
            }),
        ),
        (
            "history-administrator-overreach",
            administered("administrator makes an administrator", |next| {
                next.signers.push(by_administrator.clone());
            }),
        ),
        (
            "history-administrator-overreach",
            administered("administrator changes the recovery key", |next| {
                next.recovery = stranger.verifying_key().recovery_hash();
            }),
        ),
    ]
}
