//! The text form of a policy (C2SP tlog-policy, "Policy file syntax and structure").
//!
//! A file is octets: names and URLs are opaque, only keys must be UTF-8. Errors name the line.
//! Comments and spacing are not kept: writing gives one line a definition.

use std::collections::HashSet;
use std::fmt;

use crate::tlog::policy::{Group, Member, Policy, PolicyLog, PolicyWitness, Quorum};
use crate::tlog::text::parse_decimal;
use crate::tlog::vkey::{NoteKey, VerifierKey, VkeyError};

/// Longest policy in bytes.
pub const MAX_POLICY: usize = 256 * 1024;
/// Most logs of a policy; the specification asks for at least 32.
pub const MAX_LOGS: usize = 64;
/// Most witnesses of a policy; the specification asks for at least 32.
pub const MAX_WITNESSES: usize = 64;
/// Most groups of a policy; the specification asks for at least 32.
pub const MAX_GROUPS: usize = 64;
/// The name that stands for no witness at all.
const NONE: &[u8] = b"none";

/// Why a text is not a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// Longer than is read.
    #[error("policy is longer than {MAX_POLICY} bytes")]
    TooLong,
    /// A control character, or no newline at the end.
    #[error("control character, or no newline at the end")]
    Characters,
    /// The line begins with another word.
    #[error("expected log, witness, group or quorum")]
    Keyword,
    /// Too few or too many words.
    #[error("too few or too many words")]
    Words,
    /// The key is not one.
    #[error(transparent)]
    Key(#[from] VkeyError),
    /// The key's type does not fit: logs sign, witnesses cosign.
    #[error("key is of a type that is not for this")]
    KeyType,
    /// Another line has the same public key.
    #[error("another line has the same public key")]
    DuplicateKey,
    /// The name is defined before, or is `none`.
    #[error("name is taken")]
    DuplicateName,
    /// The name is not defined on a line before.
    #[error("name is not defined on a line before")]
    UnknownName,
    /// The name is a member of a group already.
    #[error("name is a member of a group already")]
    MemberTwice,
    /// The threshold is not between 1 and the number of members.
    #[error("threshold is not all, any, or a number from 1 to the number of members")]
    Threshold,
    /// There are more definitions than are read.
    #[error("more than {MAX_LOGS} logs, {MAX_WITNESSES} witnesses or {MAX_GROUPS} groups")]
    TooMany,
    /// There is not exactly one quorum line.
    #[error("exactly one quorum line is needed")]
    Quorum,
}

/// What is wrong with a policy, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {fault}")]
pub struct PolicyError {
    /// Line, from 1; the last one where something is missing.
    pub line: usize,
    /// What is wrong.
    pub fault: PolicyFault,
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &[u8]) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY {
            let fault = PolicyFault::TooLong;
            return Err(PolicyError { line: 1, fault });
        }
        let mut reader = Reader::default();
        let mut lines = text.split(|byte| *byte == b'\n').enumerate().peekable();
        let mut last = 1;
        while let Some((number, line)) = lines.next() {
            let at = |fault| PolicyError {
                line: number + 1,
                fault,
            };
            last = number + 1;
            if lines.peek().is_none() && !line.is_empty() {
                return Err(at(PolicyFault::Characters)); // every line ends in a newline
            }
            if line
                .iter()
                .any(|byte| matches!(byte, 0..=8 | 10..=31 | 127))
            {
                return Err(at(PolicyFault::Characters));
            }
            reader.line(line).map_err(at)?;
        }
        let Some(quorum) = reader.quorum else {
            let fault = PolicyFault::Quorum;
            return Err(PolicyError { line: last, fault });
        };
        Ok(Self {
            logs: reader.logs,
            witnesses: reader.witnesses,
            groups: reader.groups,
            quorum,
        })
    }

    /// The policy as text.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for log in &self.logs {
            let key = log.key.to_string();
            put_line(
                &mut out,
                [b"log", key.as_bytes()]
                    .into_iter()
                    .chain(log.url.as_deref()),
            );
        }
        for witness in &self.witnesses {
            let key = witness.key.to_string();
            let words = [b"witness", &*witness.name, key.as_bytes()];
            put_line(&mut out, words.into_iter().chain(witness.url.as_deref()));
        }
        for group in &self.groups {
            let threshold = group.threshold.to_string();
            let words = [b"group", &*group.name, threshold.as_bytes()];
            let members = group.members.iter().map(|member| self.name_of(*member));
            put_line(&mut out, words.into_iter().chain(members));
        }
        let quorum = match self.quorum {
            Quorum::None => NONE,
            Quorum::Member(member) => self.name_of(member),
        };
        put_line(&mut out, [b"quorum", quorum].into_iter());
        out
    }

    fn name_of(&self, member: Member) -> &[u8] {
        match member {
            Member::Witness(place) => &self.witnesses[place].name,
            Member::Group(place) => &self.groups[place].name,
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

fn put_line<'a>(out: &mut Vec<u8>, words: impl Iterator<Item = &'a [u8]>) {
    for (place, word) in words.enumerate() {
        if place > 0 {
            out.push(b' ');
        }
        out.extend(word);
    }
    out.push(b'\n');
}

/// What the lines so far define.
#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    members: HashSet<Vec<u8>>,
    quorum: Option<Quorum>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), PolicyFault> {
        let words: Vec<&[u8]> = line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"quorum", name] => self.quorum(name),
            [b"log" | b"witness" | b"group" | b"quorum", ..] => Err(PolicyFault::Words),
            _ => Err(PolicyFault::Keyword),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&&[u8]>) -> Result<(), PolicyFault> {
        let key = read_key(key)?;
        if matches!(key.key(), NoteKey::Ed25519Cosigner(_)) {
            return Err(PolicyFault::KeyType);
        }
        if self.logs.iter().any(|log| same_key(&log.key, &key)) {
            return Err(PolicyFault::DuplicateKey);
        }
        if self.logs.len() == MAX_LOGS {
            return Err(PolicyFault::TooMany);
        }
        let url = url.map(|url| url.to_vec());
        self.logs.push(PolicyLog { key, url });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&&[u8]>) -> Result<(), PolicyFault> {
        let key = read_key(key)?;
        if matches!(key.key(), NoteKey::Ed25519(_)) {
            return Err(PolicyFault::KeyType);
        }
        if self
            .witnesses
            .iter()
            .any(|witness| same_key(&witness.key, &key))
        {
            return Err(PolicyFault::DuplicateKey);
        }
        if self.witnesses.len() == MAX_WITNESSES {
            return Err(PolicyFault::TooMany);
        }
        self.check_free(name)?;
        self.witnesses.push(PolicyWitness {
            name: name.to_vec(),
            key,
            url: url.map(|url| url.to_vec()),
        });
        Ok(())
    }

    fn group(
        &mut self,
        name: &[u8],
        threshold: &[u8],
        members: &[&[u8]],
    ) -> Result<(), PolicyFault> {
        if self.groups.len() == MAX_GROUPS {
            return Err(PolicyFault::TooMany);
        }
        self.check_free(name)?;
        let count = members.len();
        let threshold = match threshold {
            b"all" => count,
            b"any" => 1,
            digits => std::str::from_utf8(digits)
                .ok()
                .and_then(parse_decimal)
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| (1..=count).contains(number))
                .ok_or(PolicyFault::Threshold)?,
        };
        let members = members
            .iter()
            .map(|member| {
                let found = self.find(member).ok_or(PolicyFault::UnknownName)?;
                if self.members.insert(member.to_vec()) {
                    Ok(found)
                } else {
                    Err(PolicyFault::MemberTwice)
                }
            })
            .collect::<Result<_, _>>()?;
        self.groups.push(Group {
            name: name.to_vec(),
            threshold,
            members,
        });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::Quorum);
        }
        self.quorum = Some(if name == NONE {
            Quorum::None
        } else {
            Quorum::Member(self.find(name).ok_or(PolicyFault::UnknownName)?)
        });
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Option<Member> {
        let witness = self
            .witnesses
            .iter()
            .position(|witness| witness.name == name);
        let group = || self.groups.iter().position(|group| group.name == name);
        witness
            .map(Member::Witness)
            .or_else(|| group().map(Member::Group))
    }

    fn check_free(&self, name: &[u8]) -> Result<(), PolicyFault> {
        if name == NONE || self.find(name).is_some() {
            return Err(PolicyFault::DuplicateName);
        }
        Ok(())
    }
}

fn read_key(word: &[u8]) -> Result<VerifierKey, PolicyFault> {
    let text = std::str::from_utf8(word).map_err(|_| VkeyError::Form)?;
    Ok(text.parse()?)
}

/// Two keys are duplicates if they wrap the same public key, whatever their names and ids.
fn same_key(a: &VerifierKey, b: &VerifierKey) -> bool {
    a.key().as_bytes() == b.key().as_bytes()
}
