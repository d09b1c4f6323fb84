// A letter's evidence, verified in this browser as a stranger would, under the operator's key that this mailbox pinned.
//
// Invariant: no witnesses are pinned here, so times are not bounded and the verdict says so. Loaded when first needed.

import { gatherEvidence } from "../../client/evidence.ts";
import type { Envelope } from "../../client/mailbox.ts";
import type { Session } from "../../client/session.ts";
import type { Report } from "../../core/evidence/report.ts";
import { type Words, loadWords } from "../../core/words/words.ts";
import { language } from "../language.ts";

export interface Examined {
  readonly report: Report;
  readonly words: Words;
}

export async function examine(session: Session, { header, ageHeaders }: Envelope): Promise<Examined> {
  const [bytes, words, { decodeEvidence }, { verifyEvidence }, { Policy }] = await Promise.all([
    gatherEvidence(session, header.hash, ageHeaders === undefined ? "sealed" : "opened"),
    loadWords(language()),
    import("../../core/evidence/file.ts"),
    import("../../core/evidence/verify.ts"),
    import("../../core/tlog/policy.ts"),
  ]);
  const { origin, root } = session.operator;
  return { report: verifyEvidence(decodeEvidence(bytes), { origin, root, witnesses: Policy.WITHOUT_WITNESSES }), words };
}
