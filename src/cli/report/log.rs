//! The words for what is wrong with, or missing of, the public log's proofs; German first.

use postfach_crypto::evidence::Cause;

use super::words::Both;

/// What is wrong with the log's proofs.
pub(super) fn cause(cause: &Cause) -> Both {
    match cause {
        Cause::CheckpointForm => Both(
            "Ein Prüfpunkt des Protokolls hat nicht die vorgeschriebene Form.",
            "A checkpoint of the log does not have the required form.",
        ),
        Cause::CheckpointOfOther => Both(
            "Ein Prüfpunkt gehört zu einem anderen Protokoll.",
            "A checkpoint is of another log.",
        ),
        Cause::CheckpointUnsigned => Both(
            "Ein Prüfpunkt ist nicht vom Protokoll des Betreibers unterschrieben.",
            "A checkpoint is not signed by the operator's log.",
        ),
        Cause::CheckpointFalseSignature => Both(
            "Ein Prüfpunkt trägt eine falsche Unterschrift im Namen des Protokolls oder eines Zeugen.",
            "A checkpoint has a false signature in the name of the log or a witness.",
        ),
        Cause::CheckpointOrder => Both(
            "Die Prüfpunkte in der Datei stehen nicht in aufsteigender Folge.",
            "The checkpoints in the file do not ascend.",
        ),
        Cause::Inclusion(_) => Both(
            "Eine Erklärung oder Quittung steht nicht an der angegebenen Stelle im Protokoll.",
            "A statement or receipt is not in the log where the file says.",
        ),
        Cause::Consistency(_) => Both(
            "Das Protokoll wurde nicht nur fortgeführt: Es gab zwei Fassungen, oder etwas wurde entfernt.",
            "The log was not only continued: there were two versions, or something was removed.",
        ),
        Cause::ProofOfNothing => Both(
            "Ein Nachweis gehört zu nichts in der Datei: Eine Erklärung oder Quittung wurde weggelassen oder vertauscht.",
            "A proof is about nothing in the file: a statement or receipt was dropped or exchanged.",
        ),
        Cause::OtherOrder => Both(
            "Die Datei nennt Erklärungen in anderer Reihenfolge als das Protokoll.",
            "The file holds statements in another order than the log.",
        ),
        Cause::TimesContradictOrder => Both(
            "Die Zeiten der Quittungen widersprechen ihrer Reihenfolge im Protokoll.",
            "The times of the receipts contradict their order in the log.",
        ),
        Cause::TimeOutOfBounds => Both(
            "Die Zeit einer Quittung liegt außerhalb der mitgezeichneten Zeitpunkte: Sie wurde vor- oder rückdatiert.",
            "The time of a receipt lies outside the cosigned times: it was dated back or ahead.",
        ),
        _ => Both(
            "Die Nachweise des Protokolls stimmen nicht.",
            "The proofs of the log do not hold.",
        ),
    }
}
