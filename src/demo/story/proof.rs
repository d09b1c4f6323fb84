//! Last act: evidence, a stranger who verifies it offline, and what the operator saw and it cost.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postfach_crypto::evidence::{Evidence, Policy, Report, Verdict, verify};
use postfach_crypto::ids::StatementHash;
use tokio::time::{Instant, sleep};

use super::{Cast, Story, read};
use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::{self, text};
use crate::cli::policy_file;
use crate::cli::report::document::{Fingerprint, Source, document};
use crate::cli::report::{Destination, Examined, Pinning, deadline};
use crate::cli::serve::KEYS;
use crate::client::evidence::{Content, cosignature_pending};
use crate::clock;
use crate::demo::keepsakes;
use crate::demo::stage::ORIGIN;
use crate::server::operator::load_operator;

/// How long the witnesses may take, and how often they are waited for.
const COSIGN_TIMEOUT: Duration = Duration::from_secs(30);
const COSIGN_POLL: Duration = Duration::from_millis(250);
/// Postage of a standard letter (Deutsche Post, since 2025), in cents.
const POSTAGE: u64 = 95;

impl Story<'_> {
    pub(super) async fn evidence(
        &mut self,
        cast: &Cast,
        letters: &[StatementHash],
    ) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::new();
        for (number, header) in letters.iter().enumerate() {
            let evidence = self.cosigned_evidence(cast, *header).await?;
            let bytes = evidence
                .encode()
                .map_err(|error| self.broken(&error.to_string()))?;
            paths.push(self.write(&format!("evidence-{}.pfe", number + 1), &bytes)?);
        }
        Ok(paths)
    }

    /// Evidence that rests on a checkpoint which witnesses have cosigned: they look at an interval.
    async fn cosigned_evidence(
        &self,
        cast: &Cast,
        header: StatementHash,
    ) -> Result<Evidence, Failure> {
        let deadline = Instant::now() + COSIGN_TIMEOUT;
        loop {
            let evidence = cast.citizen.evidence(header, Content::Opened).await;
            let evidence = evidence.explained(self.lang)?;
            if !cosignature_pending(&evidence) || Instant::now() >= deadline {
                return Ok(evidence);
            }
            sleep(COSIGN_POLL).await;
        }
    }

    /// What a verifier pins, as a file: the operator, the witnesses, and how many are enough.
    fn pinned(&self) -> Result<Policy, Failure> {
        let broken = |error: &str| self.broken(error);
        let keys = load_operator(&self.stage.data().join(KEYS))
            .map_err(|error| broken(&error.to_string()))?;
        let root = StatementHash(keys.operator.root().0); // hexadecimal digits
        let witnesses = read(&self.stage.policy(), self.lang)?;
        let witnesses = String::from_utf8(witnesses).map_err(|error| broken(&error.to_string()))?;
        let content = format!(
            "origin = \"{ORIGIN}\"\nroot = \"{root}\"\nwitnesses = \"\"\"\n{witnesses}\"\"\"\n"
        );
        self.write("policy.toml", content.as_bytes())?;
        policy_file::parse(&content).map_err(|error| broken(&error))
    }

    /// The server is off; somebody who has only the files and the root key from the letter checks.
    pub(super) fn stranger(&mut self, files: &[PathBuf]) -> Result<(), Failure> {
        let lang = self.lang;
        let policy = self.pinned()?;
        let (mut checks, mut legal) = (0, Vec::new());
        for path in files {
            let mut bytes = read(path, lang)?;
            let evidence =
                Evidence::decode(&bytes).map_err(|error| self.broken(&error.to_string()))?;
            let report = verify(&evidence, &policy);
            self.ensure(report.verdict() == Verdict::Verified, "evidence")?;
            checks += report.checks.len();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            let changed = Evidence::decode(&bytes).map(|evidence| verify(&evidence, &policy));
            let caught = changed.map_or(true, |report| report.verdict() != Verdict::Verified);
            self.ensure(caught, "a changed evidence file passed")?;
            legal.push(self.report(path, report, &policy)?);
        }
        let count = files.len();
        self.scene(text!(
            lang,
            "Der Server ist aus. Eine Fremde prüft {count} Nachweise ({checks} Prüfungen), ohne ihm zu trauen, gegen drei Zeugen; ein gekipptes Bit fällt auf.",
            "The server is off. A stranger verifies {count} evidence files ({checks} checks) without trusting it, against three witnesses; one flipped bit is noticed."
        ));
        let first = legal.first().cloned().unwrap_or_default();
        self.scene(text!(
            lang,
            "Ihr Bericht liest sich im Browser (evidence-1.html) und gedruckt (evidence-1.pdf). Zum Steuerbescheid: {first}",
            "Her report reads in a browser (evidence-1.html) and printed (evidence-1.pdf). On the tax notice: {first}"
        ));
        Ok(())
    }

    /// Writes the report on one evidence file for people, and says when the letter counts as served.
    fn report(&self, file: &Path, report: Report, policy: &Policy) -> Result<String, Failure> {
        let examined = Examined {
            file: file.display().to_string(),
            report,
            policy: policy.clone(),
            pinning: Pinning::Pinned,
            authorities: Vec::new(),
        };
        let legal = examined.report.legal_date.as_ref();
        let source = Source {
            examined: &examined,
            fingerprint: Fingerprint::of(&read(file, self.lang)?),
            legal,
            witnesses: Some(&policy.witnesses),
            made: clock::now(),
        };
        let document = document(self.lang, &source);
        for form in ["html", "pdf"] {
            let path = file.with_extension(form);
            let destination = Destination::parse(&path.display().to_string());
            let destination = destination.map_err(|error| self.broken(&error))?;
            destination.write(&document)?;
        }
        let finding = legal.ok_or_else(|| self.broken("no legal date"))?;
        Ok(deadline::verdict(self.lang, &finding.verdict))
    }

    /// One page: what lies at the operator's, and what it cost.
    pub(super) fn what_the_operator_saw(
        &mut self,
        cast: &Cast,
        order: StatementHash,
    ) -> Result<(), Failure> {
        let lang = self.lang;
        let data = self.stage.data().join(crate::cli::serve::STORE);
        // Eight bytes or more: shorter words stand by chance in so many random bytes now and then.
        let secrets = [
            "Hundesteuer",
            "Maria Huber",
            "Bello ist geimpft",
            "Leinenpflicht",
            "925-4711",
            "Impfnachweis",
        ];
        let (stored, found) = keepsakes::search(&data, &secrets).explained(lang)?;
        self.ensure(found.is_none(), found.as_deref().unwrap_or_default())?;
        let header = cast.citizen.kept_header(&order).explained(lang)?;
        let size: u64 = header.parts.iter().map(|part| part.1 + part.3).sum();
        let (stored, size) = (lang::bytes(lang, stored), lang::bytes(lang, size));
        let parts = header.parts.len();
        let (from, to) = (header.sender.to_string(), header.recipient.to_string());
        let words = secrets.join(", ");
        let letters = 3;
        let saved = lang::euros(lang, POSTAGE * letters);
        let page = text!(
            lang,
            "\nWas der Betreiber von all dem sah\n  zum Beispiel: ein Umschlag von {from}\n  an {to},\n  {parts} verschlüsselte Teile, zusammen {size}, Zustellart, Zeiten, Unterschriften; und die E-Mail-Adresse, die sie hinterlegt hat.\n  Wer die Person hinter der Adresse ist, weiß nur die Behörde.\n  Gesucht in {stored} Daten des Servers: {words} – nichts davon gefunden.\n  Öffentlich ist allein das Zertifikat der Behörde.\nWas es kostete\n  {letters} Briefe der Behörde; Porto wären {saved} gewesen (Standardbrief 0,95 €, ohne Druck und Umschlag).\n",
            "\nWhat the operator saw of all this\n  for example: an envelope from {from}\n  to {to},\n  {parts} encrypted parts, {size} together, kind of delivery, times, signatures; and the e-mail address that she left.\n  Only the authority knows the person behind the address.\n  Searched {stored} of the server's data for: {words} – found nothing.\n  Public is the authority's certificate alone.\nWhat it cost\n  {letters} letters of the authority; postage would have been {saved} (standard letter 0.95 €, without printing and envelope).\n"
        );
        self.context.ui.say(page);
        Ok(())
    }
}
