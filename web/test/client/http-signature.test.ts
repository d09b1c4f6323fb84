// Request signatures in the one profile of docs/format/http.md.
import { describe, expect, test } from "vitest";
import { contentDigest, signRequest, signatureBase } from "../../src/client/http-signature.ts";
import { addressOf } from "../../src/core/addresses/address.ts";
import { fromBase64, utf8 } from "../../src/core/codec/bytes.ts";
import { signature } from "../../src/core/ids.ts";
import { SigningKey, holdsInDomain } from "../../src/core/keys/signing-key.ts";

const address = addressOf(new Uint8Array(32).fill(1));
const key = SigningKey.fromSeed(new Uint8Array(32).fill(2));
const NOW = 1_790_000_000;
const covered = { method: "GET", authority: "localhost:8443", path: "/v1/mailboxes/pf1/envelopes", query: "after=3" };

describe("a signed request", () => {
  test("has the one spelling of the specification, and its signature holds for the base", () => {
    const headers = signRequest(covered, { address, key }, NOW);
    const parameters = headers["signature-input"].slice("sig=".length);
    expect(parameters).toBe(
      `("@method" "@authority" "@path" "@query");created=${NOW};expires=${NOW + 120};` +
        `keyid="${address}/${key.verifyingKey}";alg="ed25519";tag="postfach/1"`,
    );
    const base = signatureBase(covered, parameters);
    expect(base.split("\n")).toEqual([
      '"@method": GET',
      '"@authority": localhost:8443',
      '"@path": /v1/mailboxes/pf1/envelopes',
      '"@query": ?after=3',
      `"@signature-params": ${parameters}`,
    ]);
    const made = fromBase64(/^sig=:(.*):$/.exec(headers.signature)?.[1] ?? "");
    expect(made && holdsInDomain(key.verifyingKey, "http-request", utf8(base), signature.of(made))).toBe(true);
  });

  test("covers offset and digest of an upload, and no query as a question mark", () => {
    // RFC 9530, appendix B.1: SHA-256 of `{"hello": "world"}` and a line feed.
    const digest = contentDigest(utf8('{"hello": "world"}\n'));
    expect(digest).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    const upload = { ...covered, method: "PATCH", query: undefined, fields: [["upload-offset", "65536"], ["content-digest", digest]] as const };
    const headers = signRequest(upload, { address, key }, NOW);
    expect(headers["signature-input"]).toContain('("@method" "@authority" "@path" "@query" "upload-offset" "content-digest");');
    const base = signatureBase(upload, "p").split("\n");
    expect(base.slice(3, 6)).toEqual(['"@query": ?', '"upload-offset": 65536', `"content-digest": ${digest}`]);
  });
});
