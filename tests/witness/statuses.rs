//! C2SP tlog-witness, status by status, over HTTP.

use std::time::Duration;

use postfach::server::Limits;
use postfach::witness::listen::limits;
use postfach_crypto::ids::TreeHash;
use postfach_crypto::tlog::note::parse_signature_lines;
use postfach_crypto::tlog::witness::MAX_BODY;
use postfach_crypto::tlog::{AddCheckpoint, TreeHead};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::log::Log;
use crate::running::{Running, open, seed};

async fn witness_of(log: &Log, folder: &tempfile::TempDir) -> Running {
    Running::start(
        open(seed(), &[log.vkey()], folder.path()).unwrap(),
        limits(),
    )
    .await
}

#[tokio::test]
async fn what_continues_is_cosigned_and_what_does_not_gets_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new("post.example/1").grown(0, 300);
    let witness = witness_of(&log, &folder).await;

    // 200: from nothing, and on; the same once more is answered again.
    for (old, new) in [(0, 5), (5, 5), (5, 259)] {
        let answer = witness.add(&log.request(old, new)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let lines = parse_signature_lines(&answer.text).unwrap();
        let mut note = log.checkpoint_at(new).note().clone();
        let keys = [witness.vkey.clone()];
        assert_eq!(note.add(lines, &keys), Ok(1));
        let verified = note.verify(&keys).unwrap();
        assert!(verified[0].time.is_some_and(|time| time.0 > 1_700_000_000));
    }

    // 409: another starting point than the latest, with that size.
    for old in [0, 5, 258] {
        let answer = witness.add(&log.request(old, 300)).await;
        assert_eq!((answer.status, answer.text.as_str()), (409, "259\n"));
        assert_eq!(answer.media_type, "text/x.tlog.size");
    }
    // 400: the old size above the new one.
    let shrunk = AddCheckpoint::new(259, Vec::new(), &log.checkpoint_at(100));
    assert_eq!(witness.add(&shrunk).await.status, 400);
    // 422: a proof that does not hold, one where none is needed, another root of the same size.
    let mut proof = log.consistency(259, 300);
    proof[0] = TreeHash([7; 32]);
    let wrong = AddCheckpoint::new(259, proof, &log.checkpoint_at(300));
    assert_eq!(witness.add(&wrong).await.status, 422);
    let needless = AddCheckpoint::new(259, vec![TreeHash([0; 32])], &log.checkpoint_at(259));
    assert_eq!(witness.add(&needless).await.status, 422);
    let head = TreeHead {
        size: 259,
        root: TreeHash([9; 32]),
    };
    let fork = AddCheckpoint::new(259, Vec::new(), &log.sign(head));
    assert_eq!(witness.add(&fork).await.status, 422);
    // 404: a log nobody told it about.
    let stranger = Log::new("other.example/1").grown(0, 3);
    assert_eq!(witness.add(&stranger.request(0, 3)).await.status, 404);
    // 403: another key under the log's name.
    let forger = Log::new("post.example/1").grown(0, 300);
    assert_eq!(witness.add(&forger.request(259, 300)).await.status, 403);

    // Nothing of all that moved it.
    let about = witness.about().await;
    assert_eq!(about["logs"][0]["size"], 259);
    assert_eq!(about["logs"][0]["origin"], "post.example/1");
    assert_eq!(witness.add(&log.request(259, 300)).await.status, 200);
    witness.stop().await;

    // Both sides of the fork were kept.
    let forks = std::fs::read_dir(folder.path().join("forks")).unwrap();
    assert_eq!(forks.count(), 2);
}

#[tokio::test]
async fn malformed_bodies_are_400_and_long_ones_413() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new("post.example/1").grown(0, 9);
    let witness = witness_of(&log, &folder).await;
    let good = log.request(0, 9).to_body();
    for bad in [
        String::new(),
        "old".to_owned(),
        good.replace("old 0", "old 00"),
        good.replace("old 0", "old -1"),
        good.replacen("\n\n", "\n", 1),
        good.replacen('\n', "\nnonsense\n", 1),
        good.trim_end().to_owned(),
    ] {
        assert_eq!(witness.post(bad.clone().into()).await.status, 400, "{bad}");
    }
    assert_eq!(witness.post(vec![0xff; 100]).await.status, 400);
    let long = vec![b'x'; MAX_BODY + 1];
    assert_eq!(witness.post(long).await.status, 413);
    let url = format!("http://{}/sign-subtree", witness.address);
    let absent = witness.client.post(url).send().await.unwrap();
    assert_eq!(absent.status().as_u16(), 404);
    assert_eq!(witness.about().await["logs"][0]["size"], 0);
    witness.stop().await;
}

#[tokio::test]
async fn slow_heads_and_bodies_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new("post.example/1").grown(0, 9);
    let short = Limits {
        head: Duration::from_millis(50),
        body_grace: Duration::from_millis(50),
        ..limits()
    };
    let witness = open(seed(), &[log.vkey()], folder.path()).unwrap();
    let witness = Running::start(witness, short).await;
    for (begun, answered) in [
        ("POST /add-checkpoint HTTP/1.1\r\nHost", ""),
        (
            "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\nold 0",
            "HTTP/1.1 408",
        ),
    ] {
        let mut socket = tokio::net::TcpStream::connect(witness.address)
            .await
            .unwrap();
        socket.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = vec![0; 64];
        let length = socket.read(&mut answer).await.unwrap_or(0);
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with(answered), "{answer}");
    }
    assert_eq!(witness.add(&log.request(0, 9)).await.status, 200);
    witness.stop().await;
}

#[tokio::test]
async fn of_many_at_once_one_history_is_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new("post.example/1");
    let witness = witness_of(&log, &folder).await;
    // Twelve forks of one log, all beginning at nothing, each properly signed.
    let branches = (0..12).map(|branch| log.clone().grown(branch, 10 + u64::from(branch)));
    let requests: Vec<AddCheckpoint> = branches.map(|log| log.request(0, log.size())).collect();
    let answers = requests.iter().map(|request| witness.add(request));
    let answers = futures_util::future::join_all(answers).await;
    let cosigned = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(cosigned, 1);
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 409), "{answer:?}");
    }
    witness.stop().await;
}
