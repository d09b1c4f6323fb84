// What a letter tells a person's client: where, whom to trust, and the code.
//
// It travels in a URL fragment, which browsers do not send. Specification: docs/format/enrolment.md, "The letter's
// web address".

import { parseAddress } from "../addresses/address.ts";
import { type Address, type VerifyingKey, keyBytes } from "../ids.ts";
import { PaperError } from "./paper.ts";
import { ActivationCode } from "./secret.ts";

const VERSION = "1";
const PAGE = "/enrol";

export interface Invitation {
  /** Base URL of the service, without a trailing slash. */
  readonly service: string;
  /** The authority that sent the letter. */
  readonly issuer: Address;
  /** The operator's root key. */
  readonly root: VerifyingKey;
  readonly code: ActivationCode;
}

/** `form`: not the address of a letter. `code`: the code in it is damaged. */
export class InvitationError extends Error {
  override readonly name = "InvitationError";

  constructor(readonly reason: "form" | "code") {
    super(`not the web address from an activation letter: ${reason}`);
  }
}

/** The URL in the letter's QR code. */
export function writeInvitation({ service, issuer, root, code }: Invitation): string {
  return `${service}${PAGE}#${VERSION}.${issuer}.${root}.${code.toPaper()}`;
}

/** Reads that URL. Throws `InvitationError`. */
export function parseInvitation(url: string): Invitation {
  const trimmed = url.trim();
  const hash = trimmed.indexOf("#");
  const page = trimmed.slice(0, Math.max(hash, 0));
  const [version, issuerText, rootText, codeText, ...more] = trimmed.slice(hash + 1).split(".");
  const issuer = parseAddress(issuerText ?? "");
  const root = keyBytes.parse(rootText ?? "");
  const whole = hash >= 0 && page.endsWith(PAGE) && version === VERSION && more.length === 0;
  if (!whole || issuer === undefined || root === undefined || codeText === undefined) throw new InvitationError("form");
  try {
    return { service: page.slice(0, -PAGE.length), issuer, root, code: ActivationCode.parse(codeText) };
  } catch (error) {
    if (error instanceof PaperError) throw new InvitationError("code");
    throw error;
  }
}
