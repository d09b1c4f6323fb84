// Four eyes: a letter that a second clerk releases before it goes out.
//
// Absent for now: everything but the place where it will be offered.

import type { Draft } from "./draft.ts";
import type { Desk } from "./state.ts";

export function offerRelease(_desk: Desk, _draft: Draft, _said: Element, _shown: (error: unknown) => void, _needed: boolean): HTMLElement | null {
  return null;
}
