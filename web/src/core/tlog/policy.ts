// Which logs and witnesses somebody trusts (C2SP tlog-policy), and the judgement of a checkpoint under it.
//
// Invariants: every name in a policy was defined before its use, each is a member of one group at most, and no two logs
// or witnesses share a key. Absent: URLs as anything but opaque text. The text form is read by policy-text.ts.

import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type UnixSeconds, loadFor } from "./cosignature.ts";
import { TlogError } from "./error.ts";
import { type Note, parseNote, verifyKnown, verifyNote } from "./note.ts";
import type { VerifierKey } from "./vkey.ts";

/** A log that is trusted to be one; the key's name is its origin line. */
export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** Names and URLs are opaque octets: texts of characters up to U+00FF, for this policy only. */
export interface PolicyWitness {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** A member of a group, by its place among witnesses or among the groups defined before. */
export interface Member {
  readonly kind: "witness" | "group";
  readonly place: number;
}

/** Witnesses that count together. */
export interface Group {
  readonly name: string;
  /** How many members must have seen a checkpoint. */
  readonly threshold: number;
  readonly members: readonly Member[];
}

/** One witness's cosignature. */
export interface Cosigned {
  /** Place of the witness in the policy. */
  readonly witness: number;
  /** When it says it looked; none if it does not say. */
  readonly time: UnixSeconds | undefined;
}

/** What a policy makes of a checkpoint that its log signed. */
export interface Judgement {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** The witnesses that cosigned, each once. */
  readonly cosigned: readonly Cosigned[];
  /** Whether they are enough. */
  readonly hasQuorum: boolean;
  /**
   * The earliest time by which enough witnesses say they had seen it: everything in this tree was said before. None
   * without a quorum, without times, or where no quorum is asked for.
   */
  readonly quorumTime: UnixSeconds | undefined;
}

/** Trusted logs and witnesses, and how many are enough. */
export class Policy {
  static readonly WITHOUT_WITNESSES = new Policy([], [], [], undefined);

  constructor(
    readonly logs: readonly PolicyLog[],
    readonly witnesses: readonly PolicyWitness[],
    /** Each after its members. */
    readonly groups: readonly Group[],
    /** The witness or group that is enough; none where no cosignature is asked for. */
    readonly quorum: Member | undefined,
  ) {}

  get logKeys(): readonly VerifierKey[] {
    return this.logs.map(({ key }) => key);
  }

  /** Loads what its keys need; once before anything is judged. */
  async load(): Promise<void> {
    await loadFor(this.witnesses.map(({ key }) => key));
  }

  /** Whether the witnesses for which `cosigned` holds, by their place, are enough. */
  satisfied(cosigned: (witness: number) => boolean): boolean {
    const groups: boolean[] = [];
    const holds = ({ kind, place }: Member): boolean => (kind === "witness" ? cosigned(place) : groups[place] === true);
    for (const { members, threshold } of this.groups) groups.push(members.filter(holds).length >= threshold);
    return this.quorum === undefined || holds(this.quorum);
  }

  /**
   * Judges a checkpoint that one of `logs` must have signed: `logKeys`, or keys known from elsewhere, such as an
   * operator's delegations. Throws TlogError.
   */
  judge(bytes: Uint8Array, logs: readonly VerifierKey[]): Judgement {
    return this.judgeNote(parseNote(bytes), logs);
  }

  judgeNote(note: Note, logs: readonly VerifierKey[]): Judgement {
    const checkpoint = verifySigned(note, logs);
    const keys = this.witnesses.map(({ key }) => key);
    // A witness counts once; of several cosignatures the earliest says most.
    const earliest = new Map<number, UnixSeconds | undefined>();
    for (const { key, time } of verifyKnown(note, keys)) {
      const known = earliest.get(key);
      earliest.set(key, known !== undefined && (time === undefined || known < time) ? known : time);
    }
    const cosigned = [...earliest].map(([witness, time]) => ({ witness, time }));
    return {
      checkpoint,
      note,
      cosigned,
      hasQuorum: this.satisfied((place) => earliest.has(place)),
      quorumTime: this.quorumTime(earliest),
    };
  }

  /** The earliest time by which a quorum had seen the checkpoint. */
  private quorumTime(cosigned: ReadonlyMap<number, UnixSeconds | undefined>): UnixSeconds | undefined {
    if (this.quorum === undefined) return undefined;
    const times = [...cosigned.values()].filter((time) => time !== undefined);
    times.sort((one, other) => (one < other ? -1 : Number(one > other)));
    return times.find((until) =>
      this.satisfied((place) => {
        const time = cosigned.get(place);
        return time !== undefined && time <= until;
      }),
    );
  }
}

/** Accepts a note that one of `logs` signed: a key named like the checkpoint's origin. Throws TlogError. */
export function verifySigned(note: Note, logs: readonly VerifierKey[]): Checkpoint {
  const checkpoint = parseCheckpoint(note.text);
  const own = logs.filter(({ name }) => name === checkpoint.origin);
  if (own.length === 0) throw new TlogError("unknown-origin", "checkpoint is of a log that is not known here");
  verifyNote(note, own);
  return checkpoint;
}
