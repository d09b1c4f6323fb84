//! What convicts a server.

use std::fs;
use std::path::Path;

use postfach::client::kept::{Contradiction, KeepError, Kept, check_extension};
use postfach_crypto::age::HybridIdentity;
use postfach_crypto::ids::{Address, ReceiptId, StatementHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Event, Head, KeyStatement, ListHead, Receipt, RecipientKey, Signed, Subject,
};

use crate::context;

fn head(count: u8, salt: u8, time: u64) -> Signed<Head> {
    let entries: Vec<StatementHash> = (0..count).map(|n| StatementHash([n ^ salt; 32])).collect();
    let head = Head {
        context: context(time, count),
        subject: Subject::Mailbox(Address([1; 32])),
        head: ListHead::of(&entries),
        checkpoint: None,
        ext: None,
    };
    Signed::sign(head, &SigningKey::from_seed(&[8; 32])).unwrap()
}

fn contradiction(result: Result<(), KeepError>) -> Contradiction {
    match result {
        Err(KeepError::Contradiction(contradiction)) => contradiction,
        other => panic!("no contradiction: {other:?}"),
    }
}

fn contradictions(folder: &Path) -> usize {
    fs::read_dir(folder.join("contradictions")).map_or(0, Iterator::count)
}

#[test]
fn a_head_that_went_backwards_is_named_and_both_sides_kept() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::open(folder.path()).unwrap();
    kept.remember_head(&head(3, 0, 100)).unwrap();
    kept.remember_head(&head(3, 0, 110)).unwrap();
    kept.remember_head(&head(5, 0, 120)).unwrap();

    let dropped = contradiction(kept.remember_head(&head(4, 0, 130)));
    assert_eq!(
        dropped,
        Contradiction::CountWentBackwards { kept: 5, now: 4 }
    );
    assert_eq!(contradictions(folder.path()), 2);
    let exchanged = contradiction(kept.remember_head(&head(5, 9, 130)));
    assert_eq!(exchanged, Contradiction::OtherContent { count: 5 });
    let overtaken = contradiction(kept.remember_head(&head(3, 0, 100)));
    assert_eq!(overtaken, Contradiction::OlderHead { kept: 5, now: 3 });

    let subject = Subject::Mailbox(Address([1; 32]));
    let newest = Kept::open(folder.path()).unwrap().head(&subject).unwrap();
    assert_eq!(newest.unwrap(), head(5, 0, 120), "a lie replaces nothing");
}

#[test]
fn a_list_must_lead_from_the_kept_head_to_the_new_one() {
    let entries: Vec<StatementHash> = (0..5).map(|n| StatementHash([n; 32])).collect();
    let (kept, now) = (ListHead::of(&entries[..2]), ListHead::of(&entries));
    assert_eq!(check_extension(kept, &entries[2..], now), Ok(()));
    assert_eq!(check_extension(now, &[], now), Ok(()));
    let gap = check_extension(kept, &entries[3..], now);
    assert_eq!(gap, Err(Contradiction::NotAnExtension { kept: 2, now: 5 }));
    let back = check_extension(now, &[], kept);
    assert_eq!(
        back,
        Err(Contradiction::CountWentBackwards { kept: 5, now: 2 })
    );
}

/// A key history whose number 1 differs by `blind`.
fn history(blind: u8) -> (Address, Vec<Signed<KeyStatement>>) {
    let identity = SigningKey::from_seed(&[1; 32]);
    let recovery = SigningKey::from_seed(&[2; 32])
        .verifying_key()
        .recovery_hash();
    let address = Address::of(&identity.verifying_key(), &recovery);
    let recipient = HybridIdentity::from_seed(&[3; 32]).recipient().to_bytes();
    let first = KeyStatement {
        context: context(1, 1),
        address,
        number: 0,
        previous: None,
        identity: identity.verifying_key(),
        recovery,
        recipients: vec![RecipientKey::x_wing(&recipient)],
        signers: Vec::new(),
        possession: None,
        recovered_with: None,
        home: None,
        ext: None,
    };
    let zero = Signed::sign(first.clone(), &identity).unwrap();
    let next = KeyStatement {
        context: context(2, blind),
        number: 1,
        previous: Some(zero.hash()),
        ..first
    };
    let one = Signed::sign(next, &identity).unwrap();
    (address, vec![zero, one])
}

#[test]
fn a_rewritten_or_shortened_key_history_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::open(folder.path()).unwrap();
    let (address, known) = history(1);
    assert!(kept.party(address).unwrap().is_none());
    kept.remember_history(address, &known[..1]).unwrap();
    kept.remember_history(address, &known).unwrap();
    kept.remember_history(address, &known).unwrap();
    let party = kept.party(address).unwrap().unwrap();
    assert_eq!(party.current().hash(), known[1].hash());

    let (_, other) = history(2);
    let rewritten = contradiction(kept.remember_history(address, &other));
    assert_eq!(
        rewritten,
        Contradiction::HistoryRewritten { address, number: 1 }
    );
    assert_eq!(contradictions(folder.path()), 2);
    let superseded = contradiction(kept.remember_history(address, &known[..1]));
    assert_eq!(
        superseded,
        Contradiction::HistoryShortened {
            address,
            kept: 2,
            now: 1
        }
    );
    assert_eq!(
        kept.party(address).unwrap().unwrap().current().hash(),
        known[1].hash()
    );
}

#[test]
fn receipts_are_found_by_what_they_are_about_and_verified_when_read() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::open(folder.path()).unwrap();
    let receipt = |header: u8, number: u8| {
        let receipt = Receipt {
            context: context(1, number),
            id: ReceiptId([number; 16]),
            events: vec![Event::SubmissionAcceptance],
            header: Some(StatementHash([header; 32])),
            answers: None,
            certificate: None,
            binding: None,
            previous: None,
            reasons: None,
            checkpoint: None,
            legal_rule: None,
            ext: None,
        };
        Signed::sign(receipt, &SigningKey::from_seed(&[8; 32])).unwrap()
    };
    for (header, number) in [(1, 1), (1, 2), (2, 3), (1, 1)] {
        kept.keep_receipt(&receipt(header, number)).unwrap();
    }
    assert_eq!(
        kept.receipts_about(&StatementHash([1; 32])).unwrap().len(),
        2
    );
    assert_eq!(
        kept.receipts_about(&StatementHash([3; 32])).unwrap().len(),
        0
    );
    let wanted = receipt(2, 3);
    assert_eq!(kept.receipt(&wanted.hash()).unwrap(), Some(wanted.clone()));
    kept.keep(&history(1).1[0]).unwrap();
    assert_eq!(kept.all::<KeyStatement>().unwrap().len(), 1);

    let name = format!("{}.{}.cose", StatementHash([2; 32]), wanted.hash());
    let path = folder.path().join("receipts").join(name);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(
        kept.receipt(&wanted.hash()),
        Err(KeepError::Damaged(..))
    ));
}
