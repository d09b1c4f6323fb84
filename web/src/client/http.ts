// The client's connection: requests, their signatures, and problems turned into errors.
//
// Invariants: answers are read up to named limits; a request that is signed is signed once more when the server says
// that this clock is wrong, and never without end; no cookie is sent or kept. Specification: docs/format/http.md.

import { fromUtf8 } from "../core/codec/bytes.ts";
import type { StatementHash, UploadId, VaultId, VaultVersion } from "../core/ids.ts";
import type { SigningKey } from "../core/keys/signing-key.ts";
import { type Answer, Deadline, pieces, readBody } from "./answer.ts";
import { AnswerError, RefusedError, UnreachableError } from "./error.ts";
import { type Covered, type Signer, contentDigest, signRequest } from "./http-signature.ts";
import type { Environment } from "./ports.ts";
import { MAX_PROBLEM, readProblem } from "./problem.ts";
import { type Accepted, type Info, Json, type UploadStatus, readAccepted, readInfo, readUpload } from "./resources.ts";

/** Largest JSON answer that is read, in bytes. */
const MAX_ANSWER = 64 << 20;
/** Largest file of the log that is read: a checkpoint with all its cosignatures. */
const MAX_LOG_FILE = 512 << 10;
/** Largest vault that is read, in bytes. */
export const MAX_VAULT = 1 << 20;
const OCTETS = "application/octet-stream";

interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly signer?: Signer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Headers that the signature covers, sent as they stand here. */
  readonly fields?: Covered["fields"];
  /** Cancels the request, for instance when a page is left. */
  readonly signal?: AbortSignal | undefined;
}

/** A connection to one service. */
export class Http {
  #authority: string;
  #clockOffset = 0;

  constructor(
    /** The service's base URL, without a trailing slash. */
    readonly service: string,
    readonly environment: Environment,
  ) {
    const url = new URL(service);
    const secure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
    if (!secure || service.endsWith("/")) throw new AnswerError("not an https address without a slash at its end");
    this.#authority = url.host;
  }

  /** How far the server's clock is ahead of this one, in milliseconds. */
  get clockOffset(): number {
    return this.#clockOffset;
  }

  /**
   * What the server says of itself. Its `authority` is what signatures cover from now on, if it is of the same host:
   * no server gets signatures that hold elsewhere.
   */
  async info(): Promise<Info> {
    const info = await this.get("/v1/info", readInfo);
    const host = (authority: string): string | undefined => {
      try {
        return new URL(`https://${authority}`).hostname;
      } catch {
        return undefined;
      }
    };
    if (host(info.authority) === new URL(this.service).hostname) this.#authority = info.authority;
    this.#clockOffset = info.time - this.environment.now();
    return info;
  }

  /** Fetches a JSON resource; signed where a signer is given. */
  async get<T>(path: string, read: (json: Json) => T, signer?: Signer, signal?: AbortSignal): Promise<T> {
    return this.#json(await this.#send({ method: "GET", path, signer, signal }), read);
  }

  /** Fetches a file of the public log; nothing where the server says that it has none. */
  async logFile(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readBody(await this.#send({ method: "GET", path: `/log/${path}` }), MAX_LOG_FILE);
    } catch (error) {
      if (error instanceof RefusedError && [404, 410].includes(error.problem.status)) return undefined;
      throw error;
    }
  }

  postStatement(bytes: Uint8Array): Promise<Accepted> {
    return this.#post("/v1/statements", "application/cose", bytes);
  }

  postEnvelope(body: Uint8Array): Promise<Accepted> {
    return this.#post("/v1/envelopes", "application/cbor", body);
  }

  async #post(path: string, mediaType: string, body: Uint8Array): Promise<Accepted> {
    return this.#json(await this.#send({ method: "POST", path, headers: { "content-type": mediaType }, body }), readAccepted);
  }

  /** Creates an upload, or finds it as it stands. */
  async createUpload(signer: Signer, id: UploadId, length: number): Promise<UploadStatus> {
    const body = new TextEncoder().encode(JSON.stringify({ id, length }));
    const headers = { "content-type": "application/json" };
    return this.#json(await this.#send({ method: "POST", path: "/v1/uploads", signer, headers, body }), readUpload);
  }

  /** Continues an upload. */
  async appendUpload(signer: Signer, id: UploadId, from: number, piece: Uint8Array): Promise<UploadStatus> {
    const fields = [["upload-offset", String(from)], ["content-digest", contentDigest(piece)]] as const;
    const headers = { "content-type": OCTETS };
    const request: Request = { method: "PATCH", path: `/v1/uploads/${id}`, signer, headers, body: piece, fields };
    return this.#json(await this.#send(request), readUpload);
  }

  /** Discards an upload that no envelope took. */
  async discardUpload(signer: Signer, id: UploadId): Promise<void> {
    await this.#sendOnly({ method: "DELETE", path: `/v1/uploads/${id}`, signer });
  }

  /** What a vault holds, with the version that the server names. `key` is the vault's own. */
  async vault(id: VaultId, key: SigningKey): Promise<{ sealed: Uint8Array; version: string }> {
    const answer = await this.#send({ method: "GET", path: `/v1/vaults/${id}`, signer: { address: "vault", key } });
    return { sealed: await readBody(answer, MAX_VAULT), version: answer.response.headers.get("etag") ?? "" };
  }

  /** Writes a vault over the version `before`, or where there is none. */
  async putVault(signer: Signer, id: VaultId, sealed: Uint8Array, before: VaultVersion | undefined): Promise<void> {
    const fields = [vaultIs(before), ["content-digest", contentDigest(sealed)]] as const;
    const headers = { "content-type": OCTETS };
    await this.#sendOnly({ method: "PUT", path: `/v1/vaults/${id}`, signer, headers, body: sealed, fields });
  }

  /** Deletes this version of a vault. */
  async deleteVault(signer: Signer, id: VaultId, before: VaultVersion): Promise<void> {
    await this.#sendOnly({ method: "DELETE", path: `/v1/vaults/${id}`, signer, fields: [vaultIs(before)] });
  }

  /** A part's payload from `offset` on, piece by piece. */
  async *payload(
    signer: Signer,
    header: StatementHash,
    index: number,
    offset: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void> {
    const path = `/v1/envelopes/${header}/parts/${index}`;
    const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const answer = await this.#send({ method: "GET", path, signer, headers, signal });
    if (answer.response.status !== (offset > 0 ? 206 : 200)) {
      answer.late.end();
      throw new AnswerError("the range was ignored");
    }
    yield* pieces(answer);
  }

  async #send(request: Request): Promise<Answer> {
    let answer = await this.#sendOnce(request);
    if (answer.response.status === 401 && request.signer !== undefined) {
      const problem = await this.#problem(answer);
      if (problem.code !== "signature-time" || problem.time === undefined) throw new RefusedError(problem);
      this.#clockOffset = problem.time - this.environment.now();
      answer = await this.#sendOnce(request);
    }
    if (!answer.response.ok) throw new RefusedError(await this.#problem(answer));
    return answer;
  }

  /** For answers that hold nothing but their status. */
  async #sendOnly(request: Request): Promise<void> {
    (await this.#send(request)).late.end();
  }

  async #sendOnce(request: Request): Promise<Answer> {
    const { method, path, signer, fields = [], body } = request;
    const [pathOnly = "", query] = path.split("?");
    const now = Math.floor((this.environment.now() + this.#clockOffset) / 1000);
    const covered = { method, authority: this.#authority, path: pathOnly, query, fields };
    const signed = signer === undefined ? {} : signRequest(covered, signer, now);
    const late = new Deadline(request.signal);
    try {
      const response = await this.environment.fetch(`${this.service}${path}`, {
        method,
        headers: { ...request.headers, ...Object.fromEntries(fields), ...signed },
        body: (body ?? null) as BodyInit | null,
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        signal: late.signal,
      });
      return { response, late };
    } catch (cause) {
      late.end();
      if (late.cancelled) throw late.signal.reason;
      throw new UnreachableError("the server cannot be reached", { cause });
    }
  }

  async #problem(answer: Answer): Promise<RefusedError["problem"]> {
    const text = fromUtf8(await readBody(answer, MAX_PROBLEM)) ?? "";
    const problem = readProblem(answer.response.status, text);
    if (problem === undefined) throw new AnswerError(`status ${answer.response.status}`);
    return problem;
  }

  async #json<T>(answer: Answer, read: (json: Json) => T): Promise<T> {
    const text = fromUtf8(await readBody(answer, MAX_ANSWER));
    if (text === undefined) throw new AnswerError("the answer is no text");
    return read(Json.parse(text));
  }
}

/** The precondition of a write (RFC 9110 §13.1). */
function vaultIs(before: VaultVersion | undefined): readonly [string, string] {
  return before === undefined ? ["if-none-match", "*"] : ["if-match", `"${before}"`];
}

/** Whether browsers treat plain HTTP to this host as secure: only this machine hears it. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1" || host === "[::1]";
}
