// Drafts: what a clerk is writing, kept sealed on this device with every change, so that nothing typed is lost.
//
// Invariant: a draft holds what was typed, right or wrong; it is judged when it is previewed (`check.ts`). Files lie
// beside it under the draft's id and go with it. Absent: sending (`sending.ts`).

import { type Act, MAX_ATTACHMENTS } from "../../core/envelope/manifest.ts";
import { type StatementHash, envelopeId } from "../../core/ids.ts";
import type { DeliveryClass } from "../../core/statement/header.ts";
import { systemEnvironment } from "../../client/ports.ts";
import type { Desk } from "./state.ts";

/** Largest file that is attached here, in bytes; the command line sends larger ones. */
export const MAX_FILE = 64_000_000;
export const MAX_FILES = MAX_ATTACHMENTS;
const DRAFT = "draft/";
const FILE = "file/";

export interface DraftFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  /** Of a PDF: whether screen readers find its structure. */
  readonly tags: "tagged" | "untagged" | "unreadable" | undefined;
}

/** What is special about one recipient of a mailing. */
export interface DraftRow {
  readonly reference: string;
  readonly subject: string | undefined;
  readonly text: string | undefined;
  /** Names of files that go to this recipient only. */
  readonly files: readonly string[];
}

/** The act as typed. */
export interface DraftAct {
  readonly kind: string;
  readonly fileNumber: string;
  readonly amount: string;
  readonly contact: string;
  readonly remedy: string;
  readonly remedyBody: string;
  readonly remedyPeriod: string;
  readonly remedyRule: string;
  readonly remedyUntil: string;
}

export interface Draft {
  readonly id: string;
  readonly changed: number;
  readonly recipients: readonly DraftRow[];
  readonly subject: string;
  readonly text: string;
  readonly files: readonly DraftFile[];
  readonly class: DeliveryClass;
  /** Empty: none named. */
  readonly legalRule: string;
  /** Days within which an acknowledgement is asked for; empty: not asked for. */
  readonly acknowledgeWithin: string;
  readonly unmonitored: boolean;
  readonly hasAct: boolean;
  readonly act: DraftAct;
  /** The letter that this answers. */
  readonly inReplyTo: StatementHash | undefined;
}

export const NO_ACT: DraftAct = { kind: "", fileNumber: "", amount: "", contact: "", remedy: "", remedyBody: "", remedyPeriod: "", remedyRule: "", remedyUntil: "" };

export function newDraft(recipients: readonly string[]): Draft {
  return {
    id: envelopeId.of(systemEnvironment.random(envelopeId.length)),
    changed: Date.now(),
    recipients: recipients.map((reference) => ({ reference, subject: undefined, text: undefined, files: [] })),
    subject: "",
    text: "",
    files: [],
    class: "ordinary",
    legalRule: "",
    acknowledgeWithin: "",
    unmonitored: false,
    hasAct: false,
    act: NO_ACT,
    inReplyTo: undefined,
  };
}

/** Whether anything was typed. */
export function isBlank({ subject, text, files, hasAct }: Draft): boolean {
  return subject === "" && text === "" && files.length === 0 && !hasAct;
}

export async function saveDraft(desk: Desk, draft: Draft): Promise<void> {
  await desk.device.put(DRAFT + draft.id, draft);
}

export async function loadDraft(desk: Desk, id: string): Promise<Draft | undefined> {
  return (await desk.device.get(DRAFT + id)) as Draft | undefined;
}

export async function drafts(desk: Desk): Promise<readonly Draft[]> {
  const names = await desk.device.names(DRAFT);
  const found = await Promise.all(names.map((name) => desk.device.get(name) as Promise<Draft | undefined>));
  return found.filter((draft) => draft !== undefined).sort((a, b) => b.changed - a.changed);
}

const fileName = (draft: string, file: string): string => `${FILE}${draft}/${file}`;

export async function keepFile(desk: Desk, draft: string, file: string, content: Uint8Array): Promise<void> {
  await desk.device.putBytes(fileName(draft, file), content);
}

export function fileContent(desk: Desk, draft: string, file: string): Promise<Uint8Array | undefined> {
  return desk.device.bytes(fileName(draft, file));
}

export async function removeFile(desk: Desk, draft: string, file: string): Promise<void> {
  await desk.device.remove(fileName(draft, file));
}

/** Removes a draft with its files. */
export async function removeDraft(desk: Desk, id: string): Promise<void> {
  for (const name of await desk.device.names(`${FILE}${id}/`)) await desk.device.remove(name);
  await desk.device.remove(DRAFT + id);
}

/** `120`, `120,50`, `1.200,00` or `120.50` as euro cents; nothing where it is no amount. */
export function cents(text: string): number | undefined {
  const plain = text.trim().replace(/\s|€/g, "").replace(/\.(?=\d{3}(\D|$))/g, "");
  const found = /^(\d{1,12})(?:[.,](\d{2}))?$/.exec(plain);
  return found === null ? undefined : Number(found[1]) * 100 + Number(found[2] ?? "0");
}

/** The act as it is sent. */
export function actOf({ hasAct, act }: Draft): Act | undefined {
  if (!hasAct) return undefined;
  const given = (text: string): string | undefined => (text.trim() === "" ? undefined : text.trim());
  const minorUnits = cents(act.amount);
  return {
    kind: act.kind.trim(),
    fileNumber: act.fileNumber.trim(),
    remedy: given(act.remedy) === undefined ? undefined : {
      kind: act.remedy.trim(),
      body: act.remedyBody.trim(),
      period: act.remedyPeriod.trim(),
      rule: act.remedyRule.trim(),
      until: given(act.remedyUntil),
    },
    amount: minorUnits === undefined ? undefined : { minorUnits, currency: "EUR" },
    contact: given(act.contact),
  };
}
