//! A running server's log, stamped by an authority over HTTP: kept, served, and never in the way.

use std::sync::Arc;
use std::time::Duration;

use postfach::api::resources::TimestampResource;
use postfach::publish::timestamps::settings::Settings;
use postfach::publish::timestamps::{AuthorityError, StampError, Stamper};
use postfach::server::config::{Config, Layers};
use postfach::server::limits::Limits;
use postfach::server::operator::{load_operator, open_service};
use postfach::timestamp::{ReplyError, TokenError, verify_token};
use postfach_crypto::tlog::{Note, SignedCheckpoint};

use crate::lab::{Authority, Behaviour, Lab, OF_IMPRINT, OF_NONCE, P256, RSA, TIME_STAMPING};
use crate::support::{World, small_store};

/// Longer than any honest answer takes here.
const PATIENCE: Duration = Duration::from_secs(20);

fn settings(authority: &Authority, world: &World) -> Settings {
    Settings {
        url: authority.url().parse().unwrap(),
        interval: Duration::from_secs(3600),
        timeout: PATIENCE,
        certificates: authority.lab.certificates(),
        folder: world.folder().join("timestamps"),
    }
}

#[tokio::test]
async fn each_trouble_is_named_and_keeps_nothing() {
    let authority = Authority::start(Lab::new(P256, TIME_STAMPING)).await;
    let world = World::start(Limits::default()).await;
    let settings = settings(&authority, &world);
    let stamper = Stamper::set_up(settings.clone()).unwrap();
    let refused = async |behaviour| {
        authority.behave(behaviour);
        stamper.stamp(&world.service).await.unwrap_err()
    };
    let reply = |error| match error {
        StampError::Authority(AuthorityError::Reply(error)) => error,
        other => panic!("{other}"),
    };
    let broken = refused(Behaviour::Broken).await;
    assert!(broken.to_string().contains("503"), "{broken}");
    let garbage = reply(refused(Behaviour::Garbage).await);
    assert!(matches!(garbage, ReplyError::Malformed(_)));
    let endless = reply(refused(Behaviour::Endless).await);
    assert_eq!(endless, ReplyError::TooLong);
    let nonce = reply(refused(Behaviour::Changed(OF_NONCE)).await);
    assert_eq!(nonce, ReplyError::Nonce);
    let imprint = reply(refused(Behaviour::Changed(OF_IMPRINT)).await);
    assert_eq!(imprint, ReplyError::Token(TokenError::Imprint));

    authority.lab.configure("sha256", "sha256", "sha512");
    let refusal = reply(refused(Behaviour::Honest).await);
    assert!(matches!(refusal, ReplyError::Refused { status: 2, .. }));
    authority.lab.configure("sha256", "sha256", "sha256");

    let hurried = Settings {
        timeout: Duration::from_millis(50),
        ..settings.clone()
    };
    authority.behave(Behaviour::Late);
    let hurried = Stamper::set_up(hurried).unwrap();
    let late = hurried.stamp(&world.service).await.unwrap_err();
    assert!(matches!(
        late,
        StampError::Authority(AuthorityError::Away(ref why)) if why.is_timeout()
    ));
    let stranger = Settings {
        certificates: Lab::new(P256, TIME_STAMPING).certificates(),
        ..settings
    };
    authority.behave(Behaviour::Honest);
    let stranger = Stamper::set_up(stranger).unwrap();
    let stranger = reply(stranger.stamp(&world.service).await.unwrap_err());
    assert_eq!(stranger, ReplyError::Token(TokenError::Certificate));

    let kept = std::fs::read_dir(world.folder().join("timestamps")).unwrap();
    assert_eq!(kept.count(), 0);
    // After all that, the authority works again.
    assert!(stamper.stamp(&world.service).await.unwrap().is_some());
}

#[tokio::test]
async fn a_token_is_kept_once_for_each_size_and_openssl_accepts_it() {
    let authority = Authority::start(Lab::new(RSA, TIME_STAMPING)).await;
    let world = World::start(Limits::default()).await;
    let client = world.client();
    let stamper = Stamper::set_up(settings(&authority, &world)).unwrap();
    for _ in 0..2 {
        let at = stamper.stamp(&world.service).await.unwrap().unwrap();
        assert_eq!(at.authority, "Zeitstempel Prüfstelle");
        let again = stamper.stamp(&world.service).await.unwrap();
        assert_eq!(again, None); // the log has not grown
        world.party(&client).await;
    }
    let folder = world.folder().join("timestamps");
    let mut tokens = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().unwrap() == "tst" {
            let note = std::fs::read(path.with_extension("note")).unwrap();
            let note = Note::parse(&note).unwrap();
            assert!(authority.lab.accepts(&path, note.text()));
            tokens += 1;
        }
    }
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn a_server_stamps_its_log_serves_the_token_for_good_and_says_when_it_cannot() {
    let authority = Authority::start(Lab::new(P256, TIME_STAMPING)).await;
    authority.behave(Behaviour::Broken);
    let world = World::start(Limits::default()).await;
    let settings = Settings {
        interval: Duration::from_millis(10),
        ..settings(&authority, &world)
    };
    let folder = world.into_folder().await;
    let (keys, data) = (folder.path().join("keys"), folder.path().join("data"));
    let operator = load_operator(&keys).unwrap();
    let service = open_service(&data, &small_store(), operator, None)
        .await
        .unwrap();
    let stamper = Stamper::set_up(settings).unwrap();
    let world = World::serve_with(folder, service, Limits::default(), None, |server| {
        server.time_stamping(Some(stamper))
    })
    .await;

    // Trouble shows, and everything else goes on.
    until(async || health(&world).await.0 == 503).await;
    let client = world.client();
    let first = world.url("/log/timestamp/0");
    assert_eq!(client.get(&first).send().await.unwrap().status(), 404);
    world.party(&client).await;
    let metrics = observed(&world, "metrics").await.1;
    assert!(
        !metrics.contains("log_timestamp_failures_total 0"),
        "{metrics}"
    );

    authority.behave(Behaviour::Honest);
    until(async || client.get(&first).send().await.unwrap().status() == 200).await;
    until(async || health(&world).await.0 == 200).await;
    let answer = client.get(&first).send().await.unwrap();
    let cached = &answer.headers()["cache-control"];
    assert_eq!(cached, "public, max-age=31536000, immutable");
    let bytes = answer.bytes().await.unwrap();
    let stamped: TimestampResource = serde_json::from_slice(&bytes).unwrap();
    let log = [world.service.log_key()];
    let signed = SignedCheckpoint::verify(stamped.checkpoint.as_bytes(), &log).unwrap();
    assert_eq!(signed.head().size, stamped.size);
    let text = signed.note().text();
    let at = verify_token(&stamped.token.0, text, &authority.lab.certificates()).unwrap();
    assert_eq!(at.authority, "Zeitstempel Prüfstelle");
    let next = world.url(&format!("/log/timestamp/{}", stamped.size));
    assert_eq!(client.get(&next).send().await.unwrap().status(), 404);
    let text = health(&world).await.1;
    assert_eq!(text, format!("{} time-stamped\n", stamped.size));
    let metrics = observed(&world, "metrics").await.1;
    let size = format!("log_timestamped_size {}", stamped.size);
    assert!(metrics.contains(&size), "{metrics}");
}

/// Asks until it is so; the test's own time limit is the bound.
async fn until(so: impl AsyncFn() -> bool) {
    let asked = async { while !so().await {} };
    tokio::time::timeout(PATIENCE, asked).await.unwrap();
}

async fn health(world: &World) -> (u16, String) {
    observed(world, "health/timestamp").await
}

async fn observed(world: &World, path: &str) -> (u16, String) {
    let url = format!("http://{}/{path}", world.observation);
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[test]
fn settings_name_an_authority_with_its_certificate_or_none() {
    let lab = Arc::new(Lab::new(P256, TIME_STAMPING));
    let pem = |name: &str| lab.path(name).to_str().unwrap().to_owned();
    let read = |more: &[(&str, &str)]| {
        let needed = [
            ("data", "/srv/postfach"),
            ("origin", "p.example/2026"),
            ("public_authority", "p.example"),
            ("tls.certificate", "c.pem"),
            ("tls.key", "k.pem"),
        ];
        let flags = needed.iter().chain(more);
        let flags = flags.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let layers = Layers {
            flags: flags.collect(),
            ..Layers::default()
        };
        Config::from_layers(&layers).map(|(config, _)| config.publish.timestamps)
    };
    assert!(read(&[]).unwrap().is_none());
    let url = ("publish.tsa_url", "http://tsa.example/");
    let good = pem("tsa.pem");
    let all = read(&[url, ("publish.tsa_certificate", &good)]).unwrap();
    let all = all.unwrap();
    assert_eq!(all.interval, Duration::from_secs(3600));
    assert!(all.folder.ends_with("postfach/timestamps"));
    let (root, missing) = (pem("root.pem"), pem("missing.pem"));
    for (bad, why) in [
        (&[url][..], "the setting publish.tsa_certificate is missing"),
        (
            &[url, ("publish.tsa_certificate", &root)],
            "not for time-stamping",
        ),
        (
            &[url, ("publish.tsa_certificate", &missing)],
            "No such file",
        ),
        (&[("publish.tsa_url", "ftp://tsa.example")], "expected http"),
        (&[("publish.tsa_url", "tsa.example")], "publish.tsa_url"),
    ] {
        let refused = read(bad).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
