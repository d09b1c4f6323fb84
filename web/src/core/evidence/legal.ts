// The legal date of a verified delivery: what the rules read, taken from verified statements.
//
// Invariant: a statement whose signature, signer or receipt does not hold gives no event, and what the checks leave
// unproven keeps the date open. Absent: the rules (core/deadline). Specification: docs/format/evidence.md, "Legal date";
// docs/legal-dates.md.

import { contestOf } from "../deadline/appeal.ts";
import { type ConsentPeriod, Events, type Happened } from "../deadline/events.ts";
import { examine } from "../deadline/examine.ts";
import { type Finding, type Verdict, sortedDependencies } from "../deadline/finding.ts";
import { parseAgs, placeOf } from "../deadline/holidays.ts";
import type { UnixMillis } from "../ids.ts";
import type { Kind } from "../statement/kind.ts";
import type { Signed } from "../statement/signed.ts";
import type { Delivery } from "./delivery.ts";
import { type Evidence, bindingList } from "./file.ts";
import { type Moments, happened } from "./moment.ts";
import { Attempt } from "./outcome.ts";
import type { KeyHistory } from "./parties.ts";
import { type Relations, standsBefore } from "./relation.ts";
import type { CheckName, Report } from "./report.ts";

/**
 * Checks whose gaps the rules themselves take account of: without bounds the date stays open, and without the content no
 * appeal period is computed.
 */
const READ_BY_RULES: readonly CheckName[] = [
  "log-checkpoint",
  "log-inclusion",
  "log-consistency",
  "log-cosigned",
  "times-bounded",
  "opened-content",
];

/** From where the events are taken. */
export interface Sources {
  readonly delivery: Delivery;
  readonly moments: Moments;
  readonly relations: Relations;
  /** The sender's keys, which withdraw bindings of its own. */
  readonly issuer: KeyHistory | undefined;
  readonly file: Evidence;
  /** Until when the envelope's list is known. */
  readonly knownUntil: UnixMillis;
}

/** Applies the rule that the header names. */
export function legalDate(sources: Sources, report: Report): Finding {
  const header = sources.relations.header.payload;
  const certificate = report.certificate?.payload;
  const certified = certificate?.subject === header.sender ? certificate : undefined;
  const ags = certified && parseAgs(certified.municipalityCode);
  const finding = examine(header.legalRule, eventsOf(sources), {
    place: ags && placeOf(ags),
    contest: report.manifest === undefined ? { kind: "not-opened" } : contestOf(report.manifest.act),
    knownUntil: sources.knownUntil,
  });
  const unproven = report.checks.some(
    ({ name, outcome }) => outcome.kind === "not-proven" && !READ_BY_RULES.includes(name),
  );
  return unproven ? { ...finding, verdict: reserved(finding.verdict) } : finding;
}

function eventsOf(sources: Sources): Events {
  const { delivery, moments, relations, file } = sources;
  const events = new Events(relations.header.payload.class);
  for (const receipt of delivery.receipts) {
    const at = happened(moments.of(receipt));
    for (const event of receipt.payload.events) events.receipt(event, at, delivery.reasons(receipt));
  }
  const closures = verified(relations, "closure", file.relationAll);
  for (const list of [file.relation, file.relationAll]) {
    const revocations = verified(relations, "consent-revocation", list);
    for (const consent of verified(relations, "consent", list)) {
      const period = periodOf(relations, consent, [...revocations, ...closures]);
      if (period !== undefined) events.consent(period);
    }
  }
  events.bindingWithdrawn = bindingWithdrawn(sources);
  return events;
}

/** All statements of one kind in a list; none where one of them does not hold. */
function verified<K extends Kind>(relations: Relations, kind: K, list: readonly Uint8Array[]): readonly Signed<K>[] {
  return Attempt.of(() => relations.allOf(kind, list)).value ?? [];
}

/** A consent of the recipient that concerns the sender. */
function periodOf(
  relations: Relations,
  consent: Signed<"consent">,
  ends: readonly (Signed<"consent-revocation"> | Signed<"closure">)[],
): ConsentPeriod | undefined {
  const { header, recipient, accepted } = relations;
  const { citizen, authority, class: consentClass, from } = consent.payload;
  const towardsSender = authority === undefined || authority === header.payload.sender;
  const own = citizen === header.payload.recipient && towardsSender;
  const acceptedAt = accepted.get(consent.hash);
  if (!own || !relations.counts(consent, "administer", recipient) || acceptedAt === undefined) return undefined;
  const given = happened(acceptedAt);
  const revoked = ends
    // Who closes the mailbox revokes every consent.
    .filter(({ kind, payload }) => (kind === "closure" ? payload.citizen === citizen : payload.consent === consent.hash))
    .filter((end) => relations.counts<Kind>(end, "administer", recipient))
    // What ends it without a receipt may have come at once.
    .map(({ hash }) => accepted.get(hash))
    .map((at) => (at === undefined ? given : happened(at)));
  return { class: consentClass, given, from, revoked: earliest(revoked) };
}

/** When the binding that the header names was withdrawn, or followed by that of new keys. */
function bindingWithdrawn({ relations, issuer, file }: Sources): Happened | undefined {
  const { binding, recipient } = relations.header.payload;
  if (issuer === undefined || binding === undefined) return undefined;
  const list = bindingList(file);
  const counts = (ending: Signed<"binding-withdrawal"> | Signed<"succession">): boolean =>
    relations.counts<Kind>(ending, "register", issuer);
  const withdrawn = verified(relations, "binding-withdrawal", list).filter(
    (withdrawal) => withdrawal.payload.binding === binding && counts(withdrawal),
  );
  const objections = verified(relations, "objection", list);
  const succeeded = verified(relations, "succession", list).filter(
    (succession) =>
      succession.payload.old === recipient &&
      standsBefore(list, binding, succession.hash) &&
      !objections.some(({ payload }) => payload.succession === succession.hash) &&
      counts(succession),
  );
  const at = [...withdrawn, ...succeeded].map(({ hash }) => relations.accepted.get(hash));
  return earliest(at.filter((moment) => moment !== undefined).map(happened));
}

function earliest(all: readonly Happened[]): Happened | undefined {
  let first: Happened | undefined;
  for (const at of all) if (first === undefined || at.position < first.position) first = at;
  return first;
}

/** The verdict, open because of what the checks leave unproven. */
function reserved(verdict: Verdict): Verdict {
  if (verdict.code === "disputed") return verdict;
  const depends = verdict.code === "open" ? verdict.depends : [];
  let candidates = verdict.code === "open" ? verdict.candidates : [];
  if (verdict.code === "served-on") candidates = [verdict.day];
  return { code: "open", depends: sortedDependencies([...depends, { code: "evidence" }]), candidates };
}
