// The JSON resources: read from answers, each field checked, unknown ones ignored.
//
// Statements inside them are base64 of their exact bytes. Nothing in a resource is believed because it is here: what
// is signed is verified by whoever uses it, the rest decides nothing. Specification: docs/format/http.md, "Resources".

import { fromBase64 } from "../core/codec/bytes.ts";
import { AnswerError } from "./error.ts";

/** Most entries that one answer may hold. */
const MAX_ENTRIES = 100_000;

/** A value of JSON with what it is for. */
export class Json {
  private constructor(
    private readonly value: unknown,
    private readonly path: string,
  ) {}

  static parse(text: string): Json {
    try {
      return new Json(JSON.parse(text), "answer");
    } catch {
      throw new AnswerError("the answer is no JSON");
    }
  }

  #fail(expected: string): never {
    throw new AnswerError(`${this.path}: expected ${expected}`);
  }

  /** The field of an object; absent fields and null give an absent value. */
  field(name: string): Json {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.#fail("an object");
    const found = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new Json(found ?? undefined, `${this.path}.${name}`);
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.#fail("a text");
  }

  bool(): boolean {
    return typeof this.value === "boolean" ? this.value : this.#fail("true or false");
  }

  /** An integer from 0 to 2^53 − 1. */
  uint(): number {
    const { value } = this;
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : this.#fail("a number");
  }

  bytes(): Uint8Array {
    return fromBase64(this.text()) ?? this.#fail("base64");
  }

  list<T>(read: (item: Json) => T): readonly T[] {
    const { value } = this;
    if (!Array.isArray(value) || value.length > MAX_ENTRIES) this.#fail("a list");
    return value.map((item, index) => read(new Json(item, `${this.path}[${index}]`)));
  }

  optional<T>(read: (value: Json) => T): T | undefined {
    return this.value === undefined ? undefined : read(this);
  }
}

/** What the server accepts at most, in bytes. */
export interface Limits {
  readonly statement: number;
  readonly submission: number;
  /** One payload inside a submission; longer ones are uploaded. */
  readonly inlinePayload: number;
  /** Every `PATCH` of an upload but the last is a multiple of this. */
  readonly uploadChunk: number;
  readonly uploadAppend: number;
  readonly upload: number;
}

/** `GET /v1/info`. */
export interface Info {
  readonly version: string;
  readonly origin: string;
  readonly epoch: number;
  /** Host and port that request signatures cover. */
  readonly authority: string;
  /** The operator's root key, hex: compared with the pinned one. */
  readonly root: string;
  readonly delegations: readonly Uint8Array[];
  readonly limits: Limits;
  readonly time: number;
}

export function readInfo(json: Json): Info {
  const limits = json.field("limits");
  return {
    version: json.field("version").text(),
    origin: json.field("origin").text(),
    epoch: json.field("epoch").uint(),
    authority: json.field("authority").text(),
    root: json.field("root").text(),
    delegations: json.field("delegations").list((item) => item.bytes()),
    limits: {
      statement: limits.field("statement").uint(),
      submission: limits.field("submission").uint(),
      inlinePayload: limits.field("inline_payload").uint(),
      uploadChunk: limits.field("upload_chunk").uint(),
      uploadAppend: limits.field("upload_append").uint(),
      upload: limits.field("upload").uint(),
    },
    time: json.field("time").uint(),
  };
}

/** A statement with its place in the log. */
export interface Logged {
  readonly statement: Uint8Array;
  readonly position: number;
  /** The receipt that answers it, where its order has to be proved. */
  readonly receipt: Uint8Array | undefined;
}

function readLogged(json: Json): Logged {
  return {
    statement: json.field("statement").bytes(),
    position: json.field("position").uint(),
    receipt: json.field("receipt").optional((receipt) => receipt.bytes()),
  };
}

/** Where a statement and its receipt stand in the log, under one checkpoint. */
export interface LogProof {
  /** A signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  readonly statement: readonly Uint8Array[];
  readonly receipt: readonly Uint8Array[];
}

/** The answer to every accepted write. */
export interface Accepted {
  readonly position: number;
  readonly receipt: Logged;
  readonly proof: LogProof;
  /** Head of the list that the statement joined; absent when it was known before. */
  readonly head: Uint8Array | undefined;
  readonly repeated: boolean;
  /** After a handover: the envelope's age headers. */
  readonly ageHeaders: readonly Uint8Array[] | undefined;
}

export function readAccepted(json: Json): Accepted {
  const proof = json.field("proof");
  return {
    position: json.field("position").uint(),
    receipt: readLogged(json.field("receipt")),
    proof: {
      checkpoint: proof.field("checkpoint").text(),
      statement: proof.field("statement").list((hash) => hash.bytes()),
      receipt: proof.field("receipt").list((hash) => hash.bytes()),
    },
    head: json.field("head").optional((head) => head.bytes()),
    repeated: json.field("repeated").bool(),
    ageHeaders: json.field("age_headers").optional((headers) => headers.list((header) => header.bytes())),
  };
}

/** A list with its head. */
export interface ListResource {
  readonly entries: readonly Logged[];
  readonly head: Uint8Array;
}

function readList(json: Json, entries: string, head: string): ListResource {
  return { entries: json.field(entries).list(readLogged), head: json.field(head).bytes() };
}

/** `GET /v1/parties/{address}`. */
export interface PartyResource {
  readonly keys: ListResource;
  readonly certificates: ListResource;
}

export function readParty(json: Json): PartyResource {
  return {
    keys: readList(json, "keys", "keys_head"),
    certificates: readList(json, "certificates", "certificates_head"),
  };
}

/** `GET /v1/relations/{citizen}/{authority}`. */
export interface RelationResource {
  readonly between: ListResource;
  /** Consents to all authorities. */
  readonly general: ListResource;
}

export function readRelation(json: Json): RelationResource {
  return { between: readList(json, "entries", "head"), general: readList(json, "general", "general_head") };
}

/** A page of a list. */
export interface Page extends ListResource {
  /** Number of the first entry, from 0. */
  readonly first: number;
  /** How long the list is. */
  readonly count: number;
}

export function readPage(json: Json): Page {
  return {
    ...readList(json, "entries", "head"),
    first: json.field("first").uint(),
    count: json.field("count").uint(),
  };
}

/** `GET /v1/parties/{address}/claims`. */
export interface Claims {
  readonly claims: readonly { readonly claim: Logged; readonly keys: readonly Logged[] }[];
  /** Number to ask for next. */
  readonly next: number;
}

export function readClaims(json: Json): Claims {
  return {
    claims: json.field("claims").list((item) => ({
      claim: readLogged(item.field("claim")),
      keys: item.field("keys").list(readLogged),
    })),
    next: json.field("next").uint(),
  };
}

/** `GET /v1/envelopes/{hash}`. */
export interface EnvelopeResource extends ListResource {
  /** The age headers, unless withheld until handover. */
  readonly ageHeaders: readonly Uint8Array[] | undefined;
}

export function readEnvelope(json: Json): EnvelopeResource {
  return {
    ...readList(json, "entries", "head"),
    ageHeaders: json.field("age_headers").optional((headers) => headers.list((header) => header.bytes())),
  };
}

/** `GET /log/timestamp/{position}`. */
export interface TimestampResource {
  /** The signed checkpoint. */
  readonly checkpoint: string;
  /** The time-stamp token over its text (RFC 3161). */
  readonly token: Uint8Array;
}

export function readTimestamp(json: Json): TimestampResource {
  return { checkpoint: json.field("checkpoint").text(), token: json.field("token").bytes() };
}

/** How far an upload is. */
export interface UploadStatus {
  readonly length: number;
  /** Bytes durably received: where to continue. */
  readonly received: number;
  /** Whether an envelope took it. */
  readonly taken: boolean;
}

export function readUpload(json: Json): UploadStatus {
  return {
    length: json.field("length").uint(),
    received: json.field("received").uint(),
    taken: json.field("taken").bool(),
  };
}
