// The reply that is being written: text and files, sealed on this device with every change, so that nothing typed is
// lost when the page closes or locks.
//
// Invariants: one draft a letter; files lie beside it and go with it; when it was sent or discarded nothing of it is
// left. Absent: sending (`views/reply.ts`).

import { MAX_ATTACHMENTS } from "../../core/envelope/manifest.ts";
import { type EnvelopeId, type StatementHash, envelopeId } from "../../core/ids.ts";
import { systemEnvironment } from "../../client/ports.ts";
import type { SealedStore } from "../../vault/sealed.ts";

/** Largest file that is attached here, in bytes. */
export const MAX_FILE = 64_000_000;
/** Most files. */
export const MAX_FILES = MAX_ATTACHMENTS;
const DRAFT = "draft/";
const FILE = "draft-file/";

export interface DraftFile {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
}

export interface Draft {
  readonly subject: string;
  readonly text: string;
  readonly files: readonly DraftFile[];
  /** The envelope that it was sealed into as it stands: whether it arrived is not known. */
  readonly sending?: EnvelopeId | undefined;
  /** When it was changed last, in Unix milliseconds. */
  readonly changed: number;
}

export class Drafts {
  constructor(private readonly store: SealedStore) {}

  async get(letter: StatementHash): Promise<Draft | undefined> {
    return (await this.store.get(DRAFT + letter)) as Draft | undefined;
  }

  put(letter: StatementHash, draft: Draft): Promise<void> {
    return this.store.put(DRAFT + letter, draft);
  }

  /** Keeps a file; the draft that names it is the caller's to put. */
  async keep(letter: StatementHash, file: File, name: string): Promise<DraftFile> {
    const id = envelopeId.of(systemEnvironment.random(envelopeId.length));
    await this.store.putBytes(`${FILE}${letter}/${id}`, new Uint8Array(await file.arrayBuffer()));
    return { id, name, mediaType: file.type === "" ? "application/octet-stream" : file.type, size: file.size };
  }

  content(letter: StatementHash, id: string): Promise<Uint8Array | undefined> {
    return this.store.bytes(`${FILE}${letter}/${id}`);
  }

  drop(letter: StatementHash, id: string): Promise<void> {
    return this.store.remove(`${FILE}${letter}/${id}`);
  }

  async remove(letter: StatementHash): Promise<void> {
    await this.store.remove(DRAFT + letter);
    for (const name of await this.store.names(`${FILE}${letter}/`)) await this.store.remove(name);
  }
}
