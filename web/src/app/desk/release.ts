// Four eyes: a letter goes to the authority's own archive, a second clerk opens it there, and sends it.
//
//   draft ──sealed to the authority itself──▶ listed in the common record ──another clerk──▶ released, sent
//                                                                      └──▶ given back to whoever wrote it
//
// Invariants: nobody releases what they wrote; the first release counts, so a letter goes out once. The rule binds the
// desk, not the server: who may send can send with the command line. Absent: the views.

import type { DeskRecord } from "../../core/book/record.ts";
import { concat } from "../../core/codec/bytes.ts";
import { envelopeId } from "../../core/ids.ts";
import { acquaintance } from "../../client/trust.ts";
import { openAttachment, openPartZero } from "../../client/content.ts";
import { sendOnce } from "../../client/dispatch.ts";
import { NotDecryptableError } from "../../client/error.ts";
import { fetchIncoming } from "../../client/mailbox.ts";
import type { Enclosure } from "../../client/send.ts";
import { t } from "../language.ts";
import { type Draft, type DraftFile, fileContent, keepFile } from "./draft.ts";
import type { Desk } from "./state.ts";

/** How long released letters stay listed, in milliseconds. */
const LISTED = 30 * 86_400_000;

export type Release = DeskRecord["releases"][number];

/** `own`: whoever wrote it cannot release it. `gone`: a colleague was first, or it was taken back. `forged`: it is not
 * from whom the list names. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";

  constructor(readonly reason: "own" | "gone" | "forged") {
    super(`not released: ${reason}`);
  }
}

/** Gives a draft to a second clerk. The draft's id is the envelope's, so that doing it again changes nothing. */
export async function giveForRelease(desk: Desk, draft: Draft): Promise<void> {
  const id = envelopeId.parse(draft.id);
  if (id === undefined) throw new TypeError("a draft's id");
  const files: Enclosure[] = [];
  for (const { id: file, name, mediaType, size } of draft.files) {
    const content = await fileContent(desk, draft.id, file);
    if (content !== undefined) files.push({ name, mediaType, size, content: async function* () { yield content; } });
  }
  const { statement } = await sendOnce(desk.session, id, async () => ({
    recipient: desk.session.address,
    class: "ordinary",
    subject: `${t("Zur Freigabe", "For release")}: ${draft.subject}`.slice(0, 400),
    text: JSON.stringify(draft),
    inReplyTo: undefined, replies: undefined, act: undefined, set: undefined, copyOf: undefined,
    files,
  }));
  await desk.shared.change((record) => record.releases.some((one) => one.id === id) ? record : {
    ...record,
    releases: [...record.releases.filter((one) => one.released === undefined || one.released.at > desk.session.now - LISTED), { id, draft: statement, subject: draft.subject, by: desk.me, at: desk.session.now }],
  });
}

/** Opens what a colleague wrote, with its files, onto this device. */
export async function fetchDraft(desk: Desk, release: Release): Promise<Draft> {
  const known = acquaintance(desk.session);
  const envelope = await fetchIncoming(desk.session, release.draft, known);
  const { payload } = envelope.header;
  // Who wrote it is said by its signature, not by the list.
  if (payload.sender !== desk.session.address || payload.signer !== release.by) throw new ReleaseError("forged");
  if (envelope.ageHeaders === undefined) throw new NotDecryptableError("a draft that is withheld");
  const opened = await openPartZero(desk.session, envelope.header, envelope.ageHeaders, known);
  const draft = readDraft(opened.manifest.text);
  for (const [index, file] of draft.files.entries()) {
    const pieces: Uint8Array[] = [];
    await openAttachment(desk.session, envelope.header, opened, index, (piece) => void pieces.push(piece.slice()));
    await keepFile(desk, draft.id, file.id, concat(...pieces));
  }
  return draft;
}

/** A colleague's draft; its form is checked as far as anything depends on it. */
function readDraft(text: string): Draft {
  const found = JSON.parse(text) as Draft;
  const files = (list: unknown): list is DraftFile[] => Array.isArray(list) && list.every((file: DraftFile) => typeof file.id === "string" && /^[0-9a-f]{32}$/.test(file.id) && typeof file.name === "string");
  const whole = envelopeId.parse(String(found?.id)) !== undefined && typeof found.subject === "string" && typeof found.text === "string" && Array.isArray(found.recipients) && files(found.files) && typeof found.act === "object";
  if (!whole) throw new NotDecryptableError("not a draft of this desk");
  return found;
}

/** Notes the release, again without harm; throws where a colleague was first. Sending follows. */
export async function release(desk: Desk, id: Release["id"]): Promise<void> {
  await desk.shared.change((record) => {
    const found = record.releases.find((one) => one.id === id);
    if (found?.released?.by === desk.me) return record;
    if (found === undefined || found.released !== undefined) throw new ReleaseError("gone");
    if (found.by === desk.me) throw new ReleaseError("own");
    const released = { ...found, released: { by: desk.me, at: desk.session.now } };
    return { ...record, releases: record.releases.map((one) => (one.id === id ? released : one)) };
  });
}

/** Takes it off the list: given back, or taken back by whoever wrote it. */
export async function takeOff(desk: Desk, id: Release["id"]): Promise<void> {
  await desk.shared.change((record) => ({ ...record, releases: record.releases.filter((one) => one.id !== id) }));
}
