//! Our side of the whole-file benchmark, run as a process of its own like the peers.
//!
//! `postfach-benches age-file encrypt RECIPIENT IN OUT`, `… decrypt IDENTITY-FILE IN OUT` and `… receive
//! IDENTITY-FILE IN OUT`, all with as many workers as processors. `decrypt` writes as it goes, like the peers; `receive`
//! is what the client does: the file is synced, and gets its name only after the last chunk has passed.

use postfach::age_file::{Options, decrypt, decrypt_to_file, encrypt};
use postfach_crypto::age::{Identity, NewFile, Recipients, X25519Recipient};
use rand_core::CryptoRng;
use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

/// Carries out one call.
pub fn run(arguments: &[String], rng: &mut impl CryptoRng) -> Result<(), Box<dyn Error>> {
    let [direction, key, input, output] = arguments else {
        return Err(
            "age-file takes: encrypt RECIPIENT IN OUT, or decrypt|receive IDENTITY-FILE IN OUT"
                .into(),
        );
    };
    let input = File::open(input)?;
    match direction.as_str() {
        "encrypt" => {
            let recipients = Recipients::X25519(vec![key.parse::<X25519Recipient>()?]);
            let file = NewFile::new(&recipients, rng)?;
            encrypt(file, input, File::create_new(output)?, Options::default())?;
        }
        "decrypt" => {
            let output = File::create_new(output)?;
            let reader = BufReader::new(input);
            decrypt(&[identity(key)?], reader, output, Options::default())?;
        }
        "receive" => {
            let output = Path::new(output);
            let reader = BufReader::new(input);
            decrypt_to_file(&[identity(key)?], reader, output, Options::default())?;
        }
        _ => return Err(format!("age-file: {direction}: not encrypt, decrypt or receive").into()),
    }
    Ok(())
}

fn identity(file: &str) -> Result<Identity, Box<dyn Error>> {
    Ok(Identity::parse(fs::read_to_string(file)?.trim())?)
}
