//! Parts and uploads: missing, of another size or hash, somebody else's, too large, cut short.

use postfach::api::http_signature::content_digest;
use postfach::api::resources::UploadResource;
use postfach::service::{PartSubmission, Submission};
use postfach_crypto::age::Recipients;
use postfach_crypto::codec;
use postfach_crypto::ids::{AgeHeaderHash, PayloadHash, UploadId};
use postfach_crypto::statement::{EnvelopeHeader, MAX_PARTS, PartReference, Signed};
use reqwest::Method;

use postfach::server::limits::Limits;

use crate::support::{Party, World, assert_problem};
use crate::town::{Town, deliver, mailbox, open, prepare, resigned, send, submission};

const CHUNK: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_missing_or_of_another_size_or_hash_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let whole = submission(&town.authority, &prepared);
    let changed = |change: &dyn Fn(&mut Vec<PartSubmission>)| {
        let mut submission = whole.clone();
        change(&mut submission.parts);
        codec::encode(&submission)
    };
    let payload = |parts: &mut Vec<PartSubmission>, change: &dyn Fn(&mut Vec<u8>)| {
        change(parts[0].payload.as_mut().unwrap());
    };
    for bytes in [
        changed(&|parts| parts.clear()),
        changed(&|parts| parts.push(parts[0].clone())),
        changed(&|parts| parts[0].payload = None),
        changed(&|parts| parts[0].upload = Some(UploadId([1; 16]))),
        changed(&|parts| payload(parts, &|payload| payload.truncate(payload.len() - 1))),
        changed(&|parts| payload(parts, &|payload| payload.push(0))),
        changed(&|parts| payload(parts, &|payload| payload[30] ^= 1)),
        changed(&|parts| parts[0].age_header[60] ^= 1),
        changed(&|parts| parts[0].age_header.push(b'\n')),
        changed(&|parts| parts[0].age_header.clear()),
    ] {
        town.refused_envelope(bytes, "content-mismatch").await;
    }
    // An age file with something after its header, under a header that names just that.
    let key = town.authority.daily_key().unwrap();
    let mut parts = whole.clone();
    parts.parts[0].age_header.extend_from_slice(b"more");
    let longer = parts.parts[0].age_header.clone();
    let forged = resigned(&prepared, &parts, key, |header| {
        header.parts[0].0 = AgeHeaderHash::of(&longer);
        header.parts[0].1 = longer.len() as u64;
    });
    town.refused_envelope(forged, "content-mismatch").await;
    let sent = deliver(&town.authority, prepared).await.unwrap();
    assert_eq!(mailbox(&town.citizen).await, [sent.statement]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_header_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let whole = submission(&town.authority, &prepared);
    let length = whole.header.len();
    for position in [0, 5, 40, 150, length / 2, length - 70, length - 1] {
        let mut tampered = whole.clone();
        tampered.header[position] ^= 1;
        let bytes = codec::encode(&tampered);
        town.refused_envelope(bytes, "bad-statement").await;
    }
    deliver(&town.authority, prepared).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_manifest_is_reported_not_shown() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let mut parts = submission(&town.authority, &prepared);
    // The sender's own header names another manifest than part 0 holds.
    let citizen = town.citizen.address().unwrap();
    let keys = town.authority.party(citizen).await.unwrap().party;
    let recipients = Recipients::Hybrid(keys.recipients());
    let mut rng = postfach::entropy::entropy();
    let (age_header, payload) =
        postfach_crypto::age::encrypt(&recipients, b"another manifest", &mut rng).unwrap();
    parts.parts[0].age_header = age_header.as_bytes().to_vec();
    parts.parts[0].payload = Some(payload.clone());
    let key = town.authority.daily_key().unwrap();
    let forged = resigned(&prepared, &parts, key, |header| {
        header.parts[0] = PartReference(
            AgeHeaderHash::of(age_header.as_bytes()),
            age_header.as_bytes().len() as u64,
            PayloadHash::of(&payload),
            payload.len() as u64,
        );
    });
    let accepted = town.submit_envelope(forged).await.unwrap();
    let header = accepted.statement.parse().unwrap();
    let opened = open(&town.citizen, header, &town.saved("citizen")).await;
    assert!(matches!(
        opened,
        Err(postfach::client::error::ClientError::Content(
            postfach_crypto::envelope::BindingError::ManifestHash
        ))
    ));
    let delivery = town.authority.delivery(header).await.unwrap();
    assert_eq!(delivery.failures.len(), 1);
    // It does not spoil the rest of the mailbox.
    let inbox = town.citizen.inbox().await.unwrap();
    assert_eq!(inbox[0].subject, None);
}

/// A party of the plain server with one upload of `bytes`.
async fn uploaded(world: &World, party: &Party, id: UploadId, bytes: &[u8]) {
    let client = world.client();
    let body = serde_json::json!({ "id": id.to_string(), "length": bytes.len() });
    let created = world
        .signed(&client, party, Method::POST, "/v1/uploads")
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert!(created.status().is_success());
    let digest = content_digest(bytes);
    let piece = world.piece(&client, party, id, 0, &digest, bytes.to_vec());
    assert!(piece.send().await.unwrap().status().is_success());
}

/// An archived letter whose second part is this upload.
fn with_upload(world: &World, party: &Party, id: UploadId) -> (Vec<u8>, Vec<u8>) {
    let text = vec![9; 100_000];
    let archived = world.archive(party, &[b"manifest", &text], &[None, Some(id)]);
    (archived.submission, archived.payloads[1].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_upload_is_as_if_it_were_not_there() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let (owner, thief) = (
        world.authority(&client).await,
        world.authority(&client).await,
    );
    let id = UploadId([3; 16]);
    let (theirs, payload) = with_upload(&world, &thief, id);
    uploaded(&world, &owner, id, &payload).await;
    let before = world.service.healthy().await.unwrap();
    let answer = world.post_envelope(&client, theirs).await;
    assert_problem(answer, 422, "unknown-upload").await;
    let target = format!("/v1/uploads/{id}");
    for method in [Method::GET, Method::DELETE] {
        let answer = world.signed(&client, &thief, method, &target);
        let answer = answer.send().await.unwrap();
        assert_problem(answer, 404, "unknown-upload").await;
    }
    assert_eq!(world.service.healthy().await.unwrap(), before);
    let status = world.signed(&client, &owner, Method::GET, &target);
    let status = status.send().await.unwrap().bytes().await.unwrap();
    let status: UploadResource = serde_json::from_slice(&status).unwrap();
    assert_eq!(status.received, payload.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_from_another_sender_open_nothing_of_the_first() {
    // Two envelopes with one part hash: each sender has to upload the bytes itself, and the
    // second learns nothing about the first.
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let (first, second) = (
        world.authority(&client).await,
        world.authority(&client).await,
    );
    let (mine, payload) = with_upload(&world, &first, UploadId([3; 16]));
    uploaded(&world, &first, UploadId([3; 16]), &payload).await;
    let accepted = world.post_envelope(&client, mine.clone()).await;
    assert_eq!(accepted.status(), 201);
    // The thief names the part by hash in a header of its own.
    let stolen: Submission = codec::decode(&mine, mine.len()).unwrap();
    let named: Signed<EnvelopeHeader> = Signed::verify(&stolen.header).unwrap();
    let (own, _) = with_upload(&world, &second, UploadId([3; 16]));
    let mut own: Submission = codec::decode(&own, own.len()).unwrap();
    let header: Signed<EnvelopeHeader> = Signed::verify(&own.header).unwrap();
    let mut header = header.payload().clone();
    header.parts[1] = named.parts[1].clone();
    own.parts[1]
        .age_header
        .clone_from(&stolen.parts[1].age_header);
    own.header = Signed::sign(header, &second.key).unwrap().bytes().to_vec();
    let answer = world.post_envelope(&client, codec::encode(&own)).await;
    assert_problem(answer, 422, "unknown-upload").await;
    let target = format!("/v1/envelopes/{}/parts/1", named.hash());
    let read = world.signed(&client, &second, Method::GET, &target);
    assert_problem(read.send().await.unwrap(), 404, "unknown-envelope").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_into_one_envelope_only() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let party = world.authority(&client).await;
    let id = UploadId([3; 16]);
    let (one, payload) = with_upload(&world, &party, id);
    uploaded(&world, &party, id, &payload).await;
    let accepted = world.post_envelope(&client, one.clone()).await;
    assert_eq!(accepted.status(), 201);
    let one: Submission = codec::decode(&one, one.len()).unwrap();
    let first: Signed<EnvelopeHeader> = Signed::verify(&one.header).unwrap();
    let mut second = first.payload().clone();
    second.envelope_id = postfach_crypto::ids::EnvelopeId([8; 16]);
    second.previous = Some(first.hash());
    let second = Signed::sign(second, &party.key).unwrap();
    let again = codec::encode(&Submission {
        header: second.bytes().to_vec(),
        parts: one.parts,
    });
    let before = world.service.healthy().await.unwrap();
    for _ in 0..2 {
        let answer = world.post_envelope(&client, again.clone()).await;
        assert_problem(answer, 409, "upload-taken").await;
    }
    assert_eq!(world.service.healthy().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_or_changed_upload_is_refused_and_can_be_completed() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let party = world.authority(&client).await;
    let id = UploadId([4; 16]);
    let text = vec![5; CHUNK + 1000];
    let archived = world.archive(&party, &[b"manifest", &text], &[None, Some(id)]);
    let payload = &archived.payloads[1];
    let create = |length: usize| {
        let body = serde_json::json!({ "id": id.to_string(), "length": length }).to_string();
        world
            .signed(&client, &party, Method::POST, "/v1/uploads")
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    assert!(create(payload.len()).await.unwrap().status().is_success());
    let other = create(payload.len() + 1).await.unwrap();
    assert_problem(other, 409, "upload-length").await;
    let append = |offset: usize, bytes: &[u8]| {
        let digest = content_digest(bytes);
        let offset = offset as u64;
        world
            .piece(&client, &party, id, offset, &digest, bytes.to_vec())
            .send()
    };
    assert!(
        append(0, &payload[..CHUNK])
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let early = world
        .post_envelope(&client, archived.submission.clone())
        .await;
    assert_problem(early, 409, "incomplete-upload").await;
    let gap = append(CHUNK + 10, &payload[CHUNK + 10..]).await.unwrap();
    let problem = assert_problem(gap, 409, "upload-offset").await;
    assert_eq!(problem["received"], CHUNK as u64);
    let digest = content_digest(b"something else");
    let wrong = world.piece(
        &client,
        &party,
        id,
        CHUNK as u64,
        &digest,
        payload[CHUNK..].to_vec(),
    );
    assert_problem(wrong.send().await.unwrap(), 400, "content-digest").await;
    assert!(
        append(CHUNK, &payload[CHUNK..])
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let accepted = world
        .post_envelope(&client, archived.submission.clone())
        .await;
    assert_eq!(accepted.status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_with_other_bytes_than_the_header_names_is_refused() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let party = world.authority(&client).await;
    let id = UploadId([5; 16]);
    let (submission, mut payload) = with_upload(&world, &party, id);
    payload[70_000] ^= 1;
    uploaded(&world, &party, id, &payload).await;
    let before = world.service.healthy().await.unwrap();
    for _ in 0..2 {
        let answer = world.post_envelope(&client, submission.clone()).await;
        assert_problem(answer, 422, "payload-mismatch").await;
    }
    // Discarded and uploaded again, it goes.
    let target = format!("/v1/uploads/{id}");
    let gone = world.signed(&client, &party, Method::DELETE, &target);
    assert_eq!(gone.send().await.unwrap().status(), 204);
    payload[70_000] ^= 1;
    uploaded(&world, &party, id, &payload).await;
    assert_eq!(world.service.healthy().await.unwrap(), before);
    let accepted = world.post_envelope(&client, submission).await;
    assert_eq!(accepted.status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn oversize_uploads_and_letters_are_refused_before_they_are_read() {
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let party = world.authority(&client).await;
    for length in [0, (16_u64 << 30) + 1, u64::MAX] {
        let body = serde_json::json!({ "id": UploadId([6; 16]).to_string(), "length": length });
        let answer = world
            .signed(&client, &party, Method::POST, "/v1/uploads")
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_problem(answer, 413, "too-large").await;
    }
    // A payload that belongs into an upload.
    let text = vec![1; 70_000];
    let archived = world.archive(&party, &[b"manifest", &text], &[None, None]);
    let answer = world.post_envelope(&client, archived.submission).await;
    assert_problem(answer, 413, "too-large").await;
    // Whoever only registered gets no room on the disk.
    let stranger = world.party(&client).await;
    let body = serde_json::json!({ "id": UploadId([6; 16]).to_string(), "length": 1000 });
    let answer = world
        .signed(&client, &stranger, Method::POST, "/v1/uploads")
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert_problem(answer, 403, "upload-not-allowed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_with_too_many_files_or_a_missing_one_is_refused_here() {
    let town = Town::found().await;
    let mut letter = town.to_citizen();
    let file = town.file("a.txt", b"a");
    letter.files = vec![file; MAX_PARTS];
    let before = town.stored().await;
    assert!(send(&town.authority, &letter).await.is_err());
    letter.files = vec![town.folder.path().join("missing.pdf")];
    let missing = send(&town.authority, &letter).await;
    assert!(matches!(
        missing,
        Err(postfach::client::error::ClientError::File { path, .. }) if path.contains("missing.pdf")
    ));
    let long = postfach::client::send::Letter {
        text: "x".repeat(2 << 20),
        ..town.to_citizen()
    };
    assert!(matches!(
        send(&town.authority, &long).await,
        Err(postfach::client::error::ClientError::Manifest(_))
    ));
    assert_eq!(town.stored().await, before);
    let outbox = town.authority.profile().outbox_folder();
    assert_eq!(
        std::fs::read_dir(outbox).map_or(0, Iterator::count),
        0,
        "nothing is left of what was refused"
    );
}
