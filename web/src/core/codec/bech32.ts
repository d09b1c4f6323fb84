// Bech32 and bech32m (BIP 173, BIP 350): texts with a checksum that people may copy.
//
// Bech32m writes addresses and our private keys, bech32 the key strings of age, which has no length limit.
// Invariant: zero padding bits, one case throughout, checksum over prefix and data. Absent: correction of errors.

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CHECKSUM_DIGITS = 6;
/** Longest text read, in characters: a hybrid recipient has 1,959. */
const MAX_TEXT = 4096;

/** What the checksum adds up to. */
export const Variant = { bech32: 1, bech32m: 0x2bc830a3 } as const;
export type Variant = (typeof Variant)[keyof typeof Variant];

function polymod(values: Iterable<number>): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (const [bit, term] of GENERATOR.entries()) if ((top >>> bit) & 1) checksum ^= term;
  }
  return checksum >>> 0;
}

function expandPrefix(prefix: string): number[] {
  const letters = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...letters.map((code) => code >> 5), 0, ...letters.map((code) => code & 31)];
}

/** Writes `bytes` after `prefix`, in lower case. */
export function encodeBech32(variant: Variant, prefix: string, bytes: Uint8Array): string {
  const digits: number[] = [];
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      digits.push((value >> bits) & 31);
    }
  }
  if (bits > 0) digits.push((value << (5 - bits)) & 31);
  const zeros = Array.from({ length: CHECKSUM_DIGITS }, () => 0);
  const checksum = polymod([...expandPrefix(prefix), ...digits, ...zeros]) ^ variant;
  for (let place = CHECKSUM_DIGITS - 1; place >= 0; place -= 1) digits.push((checksum >>> (5 * place)) & 31);
  return `${prefix}1${digits.map((digit) => ALPHABET[digit]).join("")}`;
}

/** The prefix in lower case and the bytes of a text in one case, or nothing. */
export function decodeBech32(variant: Variant, text: string): { prefix: string; bytes: Uint8Array } | undefined {
  const lower = text.toLowerCase();
  if (text.length > MAX_TEXT || (text !== lower && text !== text.toUpperCase())) return undefined;
  const split = lower.lastIndexOf("1");
  const prefix = lower.slice(0, split);
  if (split < 1 || lower.length - split <= CHECKSUM_DIGITS || !/^[!-~]+$/.test(prefix)) return undefined;
  const digits = Array.from(lower.slice(split + 1), (letter) => ALPHABET.indexOf(letter));
  if (digits.includes(-1) || polymod([...expandPrefix(prefix), ...digits]) !== variant) return undefined;
  const bytes: number[] = [];
  let value = 0;
  let bits = 0;
  for (const digit of digits.slice(0, -CHECKSUM_DIGITS)) {
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 0xff);
    }
  }
  const padding = value & ((1 << bits) - 1);
  return bits >= 5 || padding !== 0 ? undefined : { prefix, bytes: Uint8Array.from(bytes) };
}
