// The authorities that a service certifies, from its public list: for whoever types a code.
//
// Invariant: each is certified by the operator whose root key is shown beside it, and that key is the person's to
// compare with the letter; nothing else here is trusted.

import { readPage } from "../../client/resources.ts";
import { Http } from "../../client/http.ts";
import { systemEnvironment } from "../../client/ports.ts";
import { Certification } from "../../core/certification.ts";
import { type Address, type VerifyingKey, keyBytes } from "../../core/ids.ts";
import { Operator } from "../../core/operator.ts";
import { verifyAny } from "../../core/statement/signed.ts";

export interface ListedAuthority {
  readonly name: string;
  readonly address: Address;
  readonly root: VerifyingKey;
}

const PAGE = 500;

export async function authoritiesAt(service: string): Promise<readonly ListedAuthority[]> {
  const http = new Http(service, systemEnvironment);
  const info = await http.info();
  const root = keyBytes.parse(info.root);
  if (root === undefined) return [];
  const operator = Operator.accept(info.origin, root, info.delegations);
  const byAddress = new Map<Address, Uint8Array[]>();
  for (let after = 0; ; ) {
    const page = await http.get(`/v1/certificates?after=${after}&limit=${PAGE}`, readPage);
    for (const { statement } of page.entries) {
      const said = verifyAny(statement);
      if (said.kind !== "certificate" && said.kind !== "certificate-revocation") continue;
      const { subject } = said.payload;
      byAddress.set(subject, [...(byAddress.get(subject) ?? []), statement]);
    }
    after += page.entries.length;
    if (page.entries.length === 0 || after >= page.count) break;
  }
  return [...byAddress].flatMap(([address, statements]) => {
    const inForce = Certification.fold(operator, address, statements).inForce(systemEnvironment.now());
    return inForce === undefined ? [] : [{ name: inForce.payload.name, address, root }];
  });
}
