// A time-stamping authority made of `openssl` in a folder: what it signs was written by nobody here.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Extensions of a certificate for time-stamping. */
export const TIME_STAMPING = "keyUsage = critical, digitalSignature\nextendedKeyUsage = critical, timeStamping\n";

export class Lab {
  readonly #folder = mkdtempSync(join(tmpdir(), "postfach-tsa-"));

  /** `key`: arguments of `openssl genpkey`. */
  constructor(key: string, extensions = TIME_STAMPING) {
    this.write("tsa.ext", extensions);
    this.write("req.cnf", "[req]\ndistinguished_name = dn\n[dn]\n");
    this.openssl("genpkey -out root.key -algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    this.openssl("req -x509 -config req.cnf -new -key root.key -subj /CN=Root -days 30 -addext basicConstraints=critical,CA:true -out root.pem");
    this.openssl(`genpkey -out tsa.key ${key}`);
    this.openssl("req -utf8 -config req.cnf -new -key tsa.key -out tsa.csr -subj", "/O=Test/CN=Zeitstempel Prüfstelle");
    this.openssl("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -days 30 -set_serial 7 -extfile tsa.ext -out tsa.pem");
  }

  write(name: string, content: string): void {
    writeFileSync(join(this.#folder, name), content);
  }

  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.#folder, name)));
  }

  openssl(words: string, ...more: string[]): void {
    execFileSync("openssl", [...words.split(" "), ...more], { cwd: this.#folder, stdio: "pipe" });
  }

  /** A token over a text. */
  stamp(text: string, { signer = "sha256", certificate = "sha256", imprint = "sha256" } = {}): Uint8Array {
    this.write("serial", "1000");
    this.write("text", text);
    this.write("ts.cnf", [
      "[t]", "serial = serial", "signer_cert = tsa.pem", "signer_key = tsa.key", `signer_digest = ${signer}`,
      "default_policy = 1.2.3.4.1", "digests = sha256, sha384, sha512", "accuracy = secs:1, millisecs:500, microsecs:100",
      "clock_precision_digits = 3", "ordering = yes", "tsa_name = yes", "ess_cert_id_chain = no", `ess_cert_id_alg = ${certificate}`, "",
    ].join("\n"));
    this.openssl(`ts -query -data text -${imprint} -cert -out query.tsq`);
    this.openssl("ts -reply -config ts.cnf -section t -queryfile query.tsq -out reply.tsr");
    this.openssl("ts -reply -in reply.tsr -token_out -out token.der");
    return this.read("token.der");
  }

  /** Signs the TSTInfo of a token anew, as `openssl cms` does it. */
  signAgain(token: Uint8Array, more: string): Uint8Array {
    writeFileSync(join(this.#folder, "before.der"), token);
    this.openssl("cms -verify -noverify -inform DER -in before.der -out info.der -binary");
    this.openssl(`cms -sign -binary -nodetach -in info.der -econtent_type 1.2.840.113549.1.9.16.1.4 -signer tsa.pem -inkey tsa.key -outform DER -out again.der ${more}`);
    return this.read("again.der");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
