//! A corpus for the fuzz targets, made from what the vectors hold.

use std::fs;
use std::path::Path;

use postfach_crypto::statement::Kind;

use super::statements::sample;
use super::support::samples::Options;
use super::support::story::Story;

pub fn write(folder: &Path) {
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let target = folder.join(target);
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join(name), bytes).unwrap();
    };
    for kind in Kind::ALL {
        for options in [Options::None, Options::All] {
            let sample = sample(*kind, options);
            let name = format!("{}-{}", kind.name(), options as u8);
            put("statement", &name, &sample.statement);
            put("statement", &format!("{name}-payload"), &sample.payload);
        }
    }
    let mut story = Story::told();
    put("manifest", "full", &story.manifest);
    put("age_header", "hybrid", story.parts[0].age_header.as_bytes());
    put("age_payload", "part", &story.parts[0].payload);
    put("age_payload", "text", &story.attachment);
    let mut evidence = story.evidence();
    put("evidence", "opened", &evidence.encode().unwrap());
    evidence.opened = None;
    put("evidence", "closed", &evidence.encode().unwrap());
    let vaults = super::vaults::vectors();
    for (place, vector) in vaults["good"].as_array().unwrap().iter().enumerate() {
        let content = hex::decode(vector["content"].as_str().unwrap()).unwrap();
        put("vault", &format!("content-{place}"), &content);
    }
    let log = super::log::vectors();
    for name in ["checkpoint", "witness_request", "policy", "proof_file"] {
        put("log", name, log[name].as_str().unwrap().as_bytes());
    }
    for (place, path) in log["paths"].as_array().unwrap().iter().enumerate() {
        put(
            "log",
            &format!("path-{place}"),
            path["path"].as_str().unwrap().as_bytes(),
        );
    }
    let codes = super::paper::codes();
    for pointer in [
        "/activation_code/text",
        "/recovery_secret/text",
        "/invitation/url",
        "/invitation/issuer",
    ] {
        let text = codes.pointer(pointer).and_then(|it| it.as_str()).unwrap();
        put("paper", &pointer.replace('/', "-")[1..], text.as_bytes());
    }
}
