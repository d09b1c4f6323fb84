// How many statements an evidence file may hold (docs/format/evidence.md, "Limits").

/** Most entries of the envelope's list. */
export const MAX_ENTRIES = 4096;
/** Most statements of any other list. */
export const MAX_RELATED = 4096;
