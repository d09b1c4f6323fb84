//! Why a client operation did not succeed. Local trouble, an unreachable server, a refusal, and a
//! server that contradicts itself are different things, and each says what to do.

use postfach_crypto::age::UnwrapError;
use postfach_crypto::envelope::{BindingError, ManifestError};
use postfach_crypto::ids::Address;
use postfach_crypto::operator::OperatorError;
use postfach_crypto::party::HistoryError;
use postfach_crypto::statement::VerifyError;
use postfach_crypto::tlog::{CheckpointError, InclusionError, TileSetError};

use crate::api::resources::Problem;
use crate::client::book::BookError;
use crate::client::kept::KeepError;
use crate::client::keyfile::{KeyFileError, NoKey};
use crate::client::profile::ProfileError;
use crate::timestamp::TokenError;

/// Why a client operation did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server cannot be reached, or the connection broke.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server answered with something that is not our protocol.
    #[error("the server's answer is not readable: {0}")]
    Answer(String),
    /// The server refused.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// What the server showed cannot be true. Nothing of it was used.
    #[error("{0}")]
    Dishonest(#[from] Dishonest),
    /// The profile.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key needed is not in the key file.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// What the client keeps.
    #[error(transparent)]
    Kept(#[from] KeepError),
    /// The address book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// A statement of our own breaks a rule.
    #[error(transparent)]
    Statement(#[from] VerifyError),
    /// A manifest of our own breaks a rule.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Content could not be decrypted with our keys.
    #[error("the content cannot be decrypted with your keys")]
    NotDecryptable,
    /// Decrypted or received content is not what the signed header names.
    #[error(transparent)]
    Content(#[from] BindingError),
    /// No such letter, reference or party.
    #[error("{0}")]
    NotFound(String),
    /// The recovery secret is of another address, or was replaced.
    #[error("the recovery sheet is not, or no longer, the one of this address")]
    ForeignSheet,
    /// A recovery was interrupted, and only the sheet can make its statement anew.
    #[error("a recovery of this address was interrupted")]
    UnfinishedRecovery,
    /// The person is not enrolled yet.
    #[error("the person with reference {0} has not enrolled yet")]
    NotEnrolled(String),
    /// The input is not usable.
    #[error("{0}")]
    Input(String),
}

/// A server that contradicts signatures, itself, or what it said before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Dishonest {
    /// The root key is not the pinned one.
    #[error("the server shows another root key than the one in your letter or profile")]
    RootKey,
    /// The origin is not the pinned one.
    #[error("the server shows another log origin than your profile")]
    Origin,
    /// The operator's own statements do not hold.
    #[error("the operator's word does not hold: {0}")]
    Operator(OperatorError),
    /// Key statements that the party did not sign.
    #[error("a key was slipped in for {address}: {cause}")]
    SlippedInKey {
        /// Whose keys.
        address: Address,
        /// Why they cannot be the party's.
        cause: HistoryError,
    },
    /// A key history that was shown before is shown otherwise, or shorter.
    #[error("the key history of {address} was rewritten at number {number}")]
    RewrittenHistory {
        /// Whose keys.
        address: Address,
        /// From which key statement on.
        number: u64,
    },
    /// A binding that is not the issuer's or names another key.
    #[error("the binding of {address} is not genuine")]
    ForgedBinding {
        /// Whose binding.
        address: Address,
    },
    /// A letter that the sender it names did not sign.
    #[error("the server shows a letter that {sender} did not sign")]
    ForgedHeader {
        /// In whose name it was written.
        sender: Address,
    },
    /// A statement that the party it names did not sign, or that belongs to others.
    #[error("the server shows a statement ({kind}) that {address} did not make")]
    ForgedStatement {
        /// In whose name it was made.
        address: Address,
        /// Its kind.
        kind: &'static str,
    },
    /// A statement without the receipt that the server must have given for it.
    #[error("the server shows a statement for which it has no receipt")]
    Unreceipted,
    /// A receipt that answers something else.
    #[error("the receipt is not for what was sent")]
    ForeignReceipt,
    /// A head about another list than asked for.
    #[error("the head is about another list")]
    ForeignHead,
    /// Entries do not add up to the signed head: one was dropped, added or changed.
    #[error("the server dropped or changed an entry: its head says {head}, it shows {shown}")]
    DroppedEntry {
        /// How many the signed head says.
        head: u64,
        /// How many were shown.
        shown: u64,
    },
    /// A head that goes back behind one that was shown before.
    #[error("the server takes something back: it showed {kept} entries before and now says {now}")]
    Regression {
        /// How many were shown before.
        kept: u64,
        /// How many it says now.
        now: u64,
    },
    /// Two signed heads of the same length that differ.
    #[error("the server shows two different lists of {count} entries")]
    Fork {
        /// Their length.
        count: u64,
    },
    /// A checkpoint that the log's key did not sign.
    #[error("the server shows a checkpoint that its log did not sign: {0}")]
    Checkpoint(CheckpointError),
    /// Tiles that are not those of the signed tree.
    #[error("the log's files do not fit its checkpoint: {0}")]
    Tiles(TileSetError),
    /// A time-stamp that is not of its log.
    #[error("the server shows a time-stamp that is not of its log: {0}")]
    Timestamp(TokenError),
    /// A statement or receipt is not in the log.
    #[error("what the server receipted is not in its log: {0}")]
    NotLogged(InclusionError),
    /// Two signed trees of which neither continues the other.
    #[error("the server shows two different logs of {size} statements")]
    LogForked {
        /// Size of the smaller.
        size: u64,
    },
    /// The log is shorter than a tree that was signed.
    #[error("the server no longer has the log of {signed} statements that it signed")]
    LogShrunk {
        /// Size of the signed tree.
        signed: u64,
    },
    /// A statement in a list does not verify.
    #[error("the server shows a statement that does not verify: {0}")]
    Statement(VerifyError),
}

impl From<OperatorError> for ClientError {
    fn from(error: OperatorError) -> Self {
        Self::Dishonest(Dishonest::Operator(error))
    }
}

impl From<UnwrapError> for ClientError {
    fn from(_: UnwrapError) -> Self {
        Self::NotDecryptable
    }
}

impl ClientError {
    /// A file operation that failed.
    pub fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, source }
    }
}
