//! Which logs and witnesses somebody trusts (C2SP tlog-policy), and the judgement of a checkpoint
//! under it.
//!
//! Invariants: every name in a [`Policy`] was defined before its use, each is a member of one group
//! at most, and no two logs or witnesses share a key. Absent: reading files, and URLs as anything
//! but opaque text. The text form is read and written by [`crate::tlog::policy_text`].

use crate::tlog::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::tlog::cosignature::UnixSeconds;
use crate::tlog::note::Note;
use crate::tlog::vkey::VerifierKey;

/// A name in a policy: opaque bytes, for this policy only.
pub type PolicyName = Vec<u8>;

/// A log that is trusted to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key; the key's name is the log's origin line.
    pub key: VerifierKey,
    /// Where to find it.
    pub url: Option<Vec<u8>>,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name in this policy.
    pub name: PolicyName,
    /// Its key.
    pub key: VerifierKey,
    /// Where to submit checkpoints.
    pub url: Option<Vec<u8>>,
}

/// A member of a group, by its place among witnesses or groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// A witness.
    Witness(usize),
    /// A group defined before.
    Group(usize),
}

/// Witnesses that count together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name in this policy.
    pub name: PolicyName,
    /// How many members must have seen a checkpoint.
    pub threshold: usize,
    /// Its members, one or more.
    pub members: Vec<Member>,
}

/// Which witnesses are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quorum {
    /// No cosignature is asked for.
    None,
    /// This witness or group.
    Member(Member),
}

/// Trusted logs and witnesses, and how many are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(crate) logs: Vec<PolicyLog>,
    pub(crate) witnesses: Vec<PolicyWitness>,
    pub(crate) groups: Vec<Group>,
    pub(crate) quorum: Quorum,
}

impl Policy {
    /// A policy that names no log and no witness.
    pub fn without_witnesses() -> Self {
        Self {
            logs: Vec::new(),
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: Quorum::None,
        }
    }

    /// The logs.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The logs' keys, as [`Policy::judge`] takes them.
    pub fn log_keys(&self) -> Vec<VerifierKey> {
        self.logs.iter().map(|log| log.key.clone()).collect()
    }

    /// The witnesses.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// The groups, each after its members.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What is enough.
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// Whether the witnesses for which `cosigned` holds, by their place, are enough.
    pub fn satisfied(&self, cosigned: impl Fn(usize) -> bool) -> bool {
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        let holds = |groups: &[bool], member: &Member| match *member {
            Member::Witness(place) => cosigned(place),
            Member::Group(place) => groups.get(place).copied().unwrap_or(false),
        };
        for group in &self.groups {
            let count = group
                .members
                .iter()
                .filter(|member| holds(&groups, member))
                .count();
            groups.push(count >= group.threshold);
        }
        match &self.quorum {
            Quorum::None => true,
            Quorum::Member(member) => holds(&groups, member),
        }
    }

    /// Judges a checkpoint that one of `logs` must have signed: [`Policy::log_keys`], or keys known
    /// from elsewhere, such as an operator's delegations.
    pub fn judge(&self, note: &[u8], logs: &[VerifierKey]) -> Result<Judgement, CheckpointError> {
        self.judge_note(Note::parse(note)?, logs)
    }

    /// Judges a note that was read already.
    pub fn judge_note(
        &self,
        note: Note,
        logs: &[VerifierKey],
    ) -> Result<Judgement, CheckpointError> {
        let checkpoint = SignedCheckpoint::verify_note(note, logs)?;
        let keys: Vec<VerifierKey> = self.witnesses.iter().map(|w| w.key.clone()).collect();
        let lines = checkpoint.note().verify_known(&keys)?;
        // A witness counts once; of several cosignatures the earliest says most.
        let mut cosigned: Vec<Cosigned> = Vec::new();
        for line in lines {
            let known = cosigned.iter_mut().find(|other| other.witness == line.key);
            match known {
                Some(other) => other.time = earlier(other.time, line.time),
                None => cosigned.push(Cosigned {
                    witness: line.key,
                    time: line.time,
                }),
            }
        }
        let has_quorum = self.satisfied(|place| cosigned.iter().any(|c| c.witness == place));
        let quorum_time = self.quorum_time(&cosigned);
        Ok(Judgement {
            checkpoint,
            cosigned,
            has_quorum,
            quorum_time,
        })
    }

    /// The earliest time by which a quorum had seen the checkpoint.
    fn quorum_time(&self, cosigned: &[Cosigned]) -> Option<UnixSeconds> {
        if self.quorum == Quorum::None {
            return None;
        }
        let mut times: Vec<UnixSeconds> = cosigned.iter().filter_map(|c| c.time).collect();
        times.sort_unstable();
        times.into_iter().find(|until| {
            let in_time = |c: &Cosigned| c.time.is_some_and(|time| time <= *until);
            self.satisfied(|place| cosigned.iter().any(|c| c.witness == place && in_time(c)))
        })
    }
}

fn earlier(a: Option<UnixSeconds>, b: Option<UnixSeconds>) -> Option<UnixSeconds> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// One witness's cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned {
    /// Place of the witness in [`Policy::witnesses`].
    pub witness: usize,
    /// When it says it looked; none if it does not say.
    pub time: Option<UnixSeconds>,
}

/// What a policy makes of a checkpoint that its log signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    checkpoint: SignedCheckpoint,
    cosigned: Vec<Cosigned>,
    has_quorum: bool,
    quorum_time: Option<UnixSeconds>,
}

impl Judgement {
    /// The checkpoint.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The witnesses that cosigned, each once.
    pub fn cosigned(&self) -> &[Cosigned] {
        &self.cosigned
    }

    /// Whether they are enough.
    pub fn has_quorum(&self) -> bool {
        self.has_quorum
    }

    /// The earliest time by which enough witnesses say they had seen it: everything in this tree
    /// was said before. None without a quorum, without times, or where no quorum is asked for.
    pub fn quorum_time(&self) -> Option<UnixSeconds> {
        self.quorum_time
    }
}
