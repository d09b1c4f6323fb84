//! Small notices, encrypted and signed before anything is timed, in one file.
//!
//! A notice is a manifest without attachments: one part. Its header names the one before it to the same person, so what one
//! person gets is sent in this order; people are independent of each other.

use super::Failed;
use super::town::{Authority, Citizen, Town};
use bytes::Bytes;
use indicatif::ProgressBar;
use postfach::client::profile::Settings;
use postfach::client::session::new_context;
use postfach::entropy::{array, entropy};
use postfach::service::{PartSubmission, Submission};
use postfach_crypto::age::encrypt;
use postfach_crypto::codec;
use postfach_crypto::envelope::{MANIFEST_VERSION, Manifest, Replies};
use postfach_crypto::ids::{
    AgeHeaderHash, Blind, EnvelopeId, LeafHash, PayloadHash, StatementHash,
};
use postfach_crypto::statement::{DeliveryClass, EnvelopeHeader, PartReference, Signed};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// One prepared notice.
pub struct Notice {
    offset: u64,
    length: usize,
    /// Hash of its header.
    pub hash: StatementHash,
    /// Its entry in the log.
    pub leaf: LeafHash,
}

/// Prepared notices: the n-th is for citizen n modulo their number.
pub struct Notices {
    file: File,
    /// In the order of their numbers.
    pub all: Vec<Notice>,
    /// Bytes of all submissions.
    pub bytes: u64,
}

impl Notices {
    /// Prepares `count` notices on all processors.
    pub fn prepare(
        town: &mut Town,
        count: usize,
        path: &Path,
        bar: &ProgressBar,
    ) -> Result<Self, Failed> {
        let mut out = BufWriter::new(File::create_new(path)?);
        let (mut all, mut offset) = (Vec::with_capacity(count), 0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let (settings, authority) = (&town.settings, &town.authority);
        while all.len() < count {
            let round = (count - all.len()).min(town.citizens.len());
            let share = round.div_ceil(workers);
            let sealed: Vec<Result<Vec<_>, Failed>> = std::thread::scope(|scope| {
                let threads: Vec<_> = town.citizens[..round]
                    .chunks_mut(share)
                    .map(|citizens| {
                        scope.spawn(move || {
                            let seal = |citizen| {
                                bar.inc(1);
                                seal(settings, authority, citizen)
                            };
                            citizens.iter_mut().map(seal).collect()
                        })
                    })
                    .collect();
                let joined = threads.into_iter().map(|thread| thread.join());
                joined
                    .map(|done| done.unwrap_or_else(|_| Err("a thread panicked".into())))
                    .collect()
            });
            for share in sealed {
                for (header, bytes) in share? {
                    out.write_all(&bytes)?;
                    all.push(Notice {
                        offset,
                        length: bytes.len(),
                        hash: header.hash(),
                        leaf: header.leaf(),
                    });
                    offset += bytes.len() as u64;
                }
            }
        }
        out.flush()?;
        Ok(Self {
            file: File::open(path)?,
            all,
            bytes: offset,
        })
    }

    /// The submission of notice `n`, from disk.
    pub fn read(&self, n: usize) -> std::io::Result<Bytes> {
        let notice = &self.all[n];
        let mut bytes = vec![0; notice.length];
        self.file.read_exact_at(&mut bytes, notice.offset)?;
        Ok(bytes.into())
    }
}

/// Encrypts and signs the next notice to a citizen.
fn seal(
    settings: &Settings,
    authority: &Authority,
    citizen: &mut Citizen,
) -> Result<(Signed<EnvelopeHeader>, Vec<u8>), Failed> {
    let envelope_id = EnvelopeId(array());
    let text = format!(
        "Sehr geehrte Damen und Herren,\n\nIhr Reisepass liegt unter dem Zeichen {envelope_id} zur Abholung bereit. \
         Bitte bringen Sie den alten Pass mit.\n\nBürgerbüro, Zimmer 3, Montag bis Freitag von 8 bis 12 Uhr"
    );
    let (manifest, manifest_hash) = Manifest {
        version: MANIFEST_VERSION,
        blind: Blind(array()),
        envelope_id,
        sender: authority.address,
        recipient: citizen.party.address,
        subject: "Ihr Reisepass ist da".to_owned(),
        text: text.clone(),
        attachments: Vec::new(),
        padding: Vec::new(),
        in_reply_to: None,
        replies: Some(Replies::Unmonitored),
        act: None,
        set: None,
        ext: None,
        copy_of: None,
    }
    .encode()?;
    let (age_header, payload) = encrypt(&citizen.recipients(), &manifest, &mut entropy())?;
    let age_header = age_header.as_bytes().to_vec();
    let part = PartReference(
        AgeHeaderHash::of(&age_header),
        age_header.len() as u64,
        PayloadHash::of(&payload),
        payload.len() as u64,
    );
    let header = EnvelopeHeader {
        context: new_context(settings),
        envelope_id,
        sender: authority.address,
        signer: authority.key.verifying_key(),
        sender_keys: authority.keys,
        recipient: citizen.party.address,
        recipient_keys: citizen.keys,
        binding: Some(citizen.binding),
        parts: vec![part],
        manifest: manifest_hash,
        class: DeliveryClass::Ordinary,
        legal_rule: None,
        consent: None,
        previous: citizen.last,
        sender_head: authority.head,
        acting_under: None,
        on_behalf_of: None,
        tenant: None,
        providers: None,
        ext: None,
        acceptance_until: None,
    };
    let header = Signed::sign(header, &authority.key)?;
    let submission = Submission {
        header: header.bytes().to_vec(),
        parts: vec![PartSubmission {
            age_header,
            payload: Some(payload),
            upload: None,
        }],
    };
    citizen.last = Some(header.hash());
    citizen.expected.push((header.hash(), text));
    Ok((header, codec::encode(&submission)))
}
