// Folders and the archive: where a person has put letters, on this device only.
//
// Invariants: a letter lies in one place; what is in no folder is in the inbox; the server learns of none of it. A
// folder that is removed gives its letters back to the inbox. Absent: sharing between devices.

import type { StatementHash } from "../../core/ids.ts";
import type { SealedStore } from "../../vault/sealed.ts";

const NAME = "folders";
/** Most folders of one's own. */
export const MAX_FOLDERS = 100;
/** Longest name of a folder, in characters. */
export const MAX_NAME = 40;

/** Where a letter lies: the inbox, the archive, or a folder by its number. */
export type Place = "inbox" | "archive" | number;

export interface Folder {
  readonly number: number;
  readonly name: string;
}

interface Stored {
  readonly next: number;
  readonly folders: readonly Folder[];
  readonly places: Readonly<Record<StatementHash, Place>>;
}

const EMPTY: Stored = { next: 1, folders: [], places: {} };

/** Why a folder is not made. */
export type FolderFault = "empty" | "exists" | "too-many";

export class Folders {
  private constructor(
    private readonly store: SealedStore,
    private stored: Stored,
  ) {}

  static async load(store: SealedStore): Promise<Folders> {
    return new Folders(store, ((await store.get(NAME)) as Stored | undefined) ?? EMPTY);
  }

  get all(): readonly Folder[] {
    return this.stored.folders;
  }

  placeOf(hash: StatementHash): Place {
    return this.stored.places[hash] ?? "inbox";
  }

  async put(hash: StatementHash, place: Place): Promise<void> {
    const { [hash]: _before, ...others } = this.stored.places;
    await this.#save({ ...this.stored, places: place === "inbox" ? others : { ...others, [hash]: place } });
  }

  /** Makes a folder; answers its number or what is wrong with the name. */
  async make(name: string): Promise<number | FolderFault> {
    const clean = name.trim().slice(0, MAX_NAME);
    const { next, folders } = this.stored;
    if (clean === "") return "empty";
    if (folders.some((folder) => folder.name.localeCompare(clean, undefined, { sensitivity: "accent" }) === 0)) return "exists";
    if (folders.length >= MAX_FOLDERS) return "too-many";
    const made = [...folders, { number: next, name: clean }].sort((one, other) => one.name.localeCompare(other.name));
    await this.#save({ ...this.stored, next: next + 1, folders: made });
    return next;
  }

  async remove(number: number): Promise<void> {
    const places = Object.fromEntries(Object.entries(this.stored.places).filter(([, place]) => place !== number));
    await this.#save({ ...this.stored, folders: this.stored.folders.filter((folder) => folder.number !== number), places });
  }

  /** Another tab may have changed it meanwhile; the last change counts. */
  async #save(next: Stored): Promise<void> {
    await this.store.put(NAME, next);
    this.stored = next;
  }
}
