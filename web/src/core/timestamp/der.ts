// DER, element by element (ITU-T X.690 section 10).
//
// Invariants: an element lies wholly inside the one around it, with its length in the one spelling that DER allows;
// every failure names the structure that was being read; the bytes of an element are kept as they came, since
// signatures cover them. Nothing recurses. Absent: writing, tags above 30, and every type's own meaning.

/** Bytes that are not what their specification says, with the structure's name in it. */
export class Malformed extends Error {
  override readonly name = "Malformed";

  constructor(readonly structure: string) {
    super(`malformed ${structure}`);
  }
}

export const Tag = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06,
  utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31,
} as const;

/** A constructed element with a context-specific tag. */
export const context = (number: number): number => 0xa0 | number;
/** A primitive element with a context-specific tag. */
export const contextPrimitive = (number: number): number => 0x80 | number;

/** Longest object identifier that is read, in bytes. */
const MAX_OID = 39;

/** One element. */
export interface Element {
  readonly tag: number;
  /** What is inside. */
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
}

/** The one element that `bytes` are. */
export function readElement(bytes: Uint8Array, tag: number, name: string): Element {
  const outer = new Elements(bytes, name);
  const element = outer.next(tag);
  outer.end();
  return element;
}

/** What is inside an element; `name` is what failures are called. */
export function inside({ content }: Element, name: string): Elements {
  return new Elements(content, name);
}

/** The elements inside a structure, in their order. */
export class Elements {
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly name: string,
  ) {}

  #fail(): never {
    throw new Malformed(this.name);
  }

  #byte(): number {
    const byte = this.bytes[this.#at];
    if (byte === undefined) this.#fail();
    this.#at += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const bytes = first & 0x7f;
    if (bytes === 0 || bytes > 4) this.#fail(); // indefinite, or longer than anything here
    let length = 0;
    for (let index = 0; index < bytes; index += 1) length = length * 256 + this.#byte();
    const isShortest = bytes === 1 ? length >= 0x80 : length >= 256 ** (bytes - 1);
    return isShortest ? length : this.#fail();
  }

  /** The next element, whatever it is; none at the end. */
  any(): Element | undefined {
    const start = this.#at;
    if (start === this.bytes.length) return undefined;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) this.#fail();
    const length = this.#length();
    const content = this.bytes.subarray(this.#at, this.#at + length);
    if (content.length < length) this.#fail();
    this.#at += length;
    return { tag, content, whole: this.bytes.subarray(start, this.#at) };
  }

  /** The next element, which must have this tag. */
  next(tag: number): Element {
    const element = this.any();
    return element?.tag === tag ? element : this.#fail();
  }

  /** The next element if it has this tag. */
  optional(tag: number): Element | undefined {
    return this.bytes[this.#at] === tag ? this.next(tag) : undefined;
  }

  sequence(name: string): Elements {
    return inside(this.next(Tag.sequence), name);
  }

  /** An object identifier in dots. */
  oid(): string {
    const { content } = this.next(Tag.oid);
    if (content.length === 0 || content.length > MAX_OID || (content.at(-1) as number) >= 0x80) this.#fail();
    const arcs: bigint[] = [];
    let arc = 0n;
    let begins = true;
    for (const byte of content) {
      if (begins && byte === 0x80) this.#fail(); // not the shortest
      arc = (arc << 7n) | BigInt(byte & 0x7f);
      begins = byte < 0x80;
      if (!begins) continue;
      arcs.push(arc);
      arc = 0n;
    }
    const [first = 0n, ...rest] = arcs;
    const root = first < 80n ? first / 40n : 2n;
    return [root, first - 40n * root, ...rest].join(".");
  }

  /** An INTEGER's content: two's complement, most significant byte first. */
  integer(): Uint8Array {
    const { content } = this.next(Tag.integer);
    const [first, second] = content;
    const padded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
    return first === undefined || padded ? this.#fail() : content;
  }

  /** The next element as a number from 0 to 2^32 − 1. */
  small(): number {
    const content = this.integer();
    if ((content[0] as number) >= 0x80 || content.length > 5 || (content.length === 5 && content[0] !== 0)) this.#fail();
    return content.reduce((number, byte) => number * 256 + byte, 0);
  }

  /** A BOOLEAN that is false where it is absent, and written only where it is true. */
  flag(): boolean {
    const element = this.optional(Tag.boolean);
    if (element === undefined) return false;
    return element.content.length === 1 && element.content[0] === 0xff ? true : this.#fail();
  }

  end(): void {
    if (this.#at !== this.bytes.length) this.#fail();
  }
}

/** An AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
export interface Algorithm {
  readonly oid: string;
  readonly parameters: Element | undefined;
}

export function algorithm(around: Elements): Algorithm {
  const elements = around.sequence("AlgorithmIdentifier");
  const read = { oid: elements.oid(), parameters: elements.any() };
  elements.end();
  return read;
}
