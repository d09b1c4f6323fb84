// Types of the wire: each reads a value from an item and writes the item's one canonical form.
//
// A structure is described once, as a value of `Type<T>`; its TypeScript type is `Infer<typeof …>`. Reading is as
// lenient as the decoder on the other side (texts for bytes, arrays and names for structs, tags skipped): whatever
// it lets pass, the comparison with the value written again refuses (`canonical.ts`), so both sides name the same
// cause. Absent: floats, null, maps with computed keys. Specification: docs/format/encoding.md, "Canonical CBOR".

import { concat, fromUtf8, utf8 } from "./bytes.ts";
import { DecodeError } from "./error.ts";
import { FALSE, MAX_INTEGER, Major, TRUE, type ItemHead, readHead, writeHead } from "./head.ts";

/** A place in bytes whose framing was checked. */
export class Reader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** The head of the next item; tags in front of it are skipped. */
  head(): ItemHead {
    const head = readHead(this.bytes, this.at);
    this.at = head.end;
    return head.major === Major.tag ? this.head() : head;
  }

  /** The next item's head, which stays unread. */
  peek(): ItemHead {
    const before = this.at;
    const head = this.head();
    this.at = before;
    return head;
  }

  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}

/** A value's form on the wire. */
export interface Type<T> {
  read(reader: Reader): T;
  /** The pieces of the canonical form, in order. */
  write(value: T, out: Uint8Array[]): void;
}

export type Infer<T> = T extends Type<infer V> ? V : never;

function shape(): never {
  throw new DecodeError("shape");
}

/** An integer from 0 to 2^53 − 1. */
export const uint: Type<number> = {
  read(reader) {
    const { major, argument } = reader.head();
    return major === Major.unsigned && argument <= MAX_INTEGER ? argument : shape();
  },
  write(value, out) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("not an integer from 0 to 2^53 - 1");
    out.push(writeHead(Major.unsigned, value));
  },
};

export const bool: Type<boolean> = {
  read(reader) {
    const { major, argument } = reader.head();
    return major === Major.simple ? argument === TRUE : shape();
  },
  write(value, out) {
    out.push(Uint8Array.of((Major.simple << 5) | (value ? TRUE : FALSE)));
  },
};

export const text: Type<string> = {
  read(reader) {
    const { major, argument } = reader.head();
    if (major !== Major.text && major !== Major.bytes) shape();
    return fromUtf8(reader.take(argument)) ?? shape();
  },
  write(value, out) {
    const bytes = utf8(value);
    out.push(writeHead(Major.text, bytes.length), bytes);
  },
};

export const bytes: Type<Uint8Array> = {
  read(reader) {
    const { major, argument } = reader.head();
    if (major === Major.bytes || major === Major.text) return reader.take(argument).slice();
    if (major !== Major.array) shape();
    return Uint8Array.from({ length: argument }, () => {
      const value = uint.read(reader);
      return value < 256 ? value : shape();
    });
  },
  write(value, out) {
    out.push(writeHead(Major.bytes, value.length), value);
  },
};

/** A byte string of fixed length that is `T` elsewhere: an identifier. */
export function fixedBytes<T>(length: number, from: (bytes: Uint8Array) => T, to: (value: T) => Uint8Array): Type<T> {
  return {
    read(reader) {
      const value = bytes.read(reader);
      return value.length === length ? from(value) : shape();
    },
    write: (value, out) => bytes.write(to(value), out),
  };
}

/** A number with a name. An unknown number is refused. */
export interface Codes<Name extends string> extends Type<Name> {
  /** Every name, by ascending number. */
  readonly names: readonly Name[];
  number(name: Name): number;
}

export function codes<const Table extends Readonly<Record<string, number>>>(
  table: Table,
): Codes<keyof Table & string> {
  type Name = keyof Table & string;
  const entries = (Object.entries(table) as [Name, number][]).sort(([, a], [, b]) => a - b);
  const byNumber = new Map(entries.map(([name, number]) => [number, name]));
  return {
    names: entries.map(([name]) => name),
    number: (name) => table[name] as number,
    read: (reader) => byNumber.get(uint.read(reader)) ?? shape(),
    write: (name, out) => uint.write(table[name] as number, out),
  };
}

/** Any number of items of one type. */
export function array<T>(item: Type<T>): Type<readonly T[]> {
  return {
    read(reader) {
      const { major, argument } = reader.head();
      if (major !== Major.array) shape();
      const items: T[] = [];
      for (let index = 0; index < argument; index += 1) items.push(item.read(reader));
      return items;
    },
    write(items, out) {
      out.push(writeHead(Major.array, items.length));
      for (const one of items) item.write(one, out);
    },
  };
}

/** Items of different types in a fixed order, encoded as an array. */
export function tuple<const T extends readonly Type<never>[] | readonly Type<unknown>[]>(
  ...items: T
): Type<{ readonly [K in keyof T]: Infer<T[K]> }> {
  type Tuple = { readonly [K in keyof T]: Infer<T[K]> };
  const types = items as unknown as readonly Type<unknown>[];
  return {
    read(reader) {
      const { major, argument } = reader.head();
      if (major !== Major.array || argument !== types.length) shape();
      return types.map((type) => type.read(reader)) as unknown as Tuple;
    },
    write(values, out) {
      out.push(writeHead(Major.array, types.length));
      for (const [index, type] of types.entries()) type.write((values as readonly unknown[])[index], out);
    },
  };
}

/** A field that may be absent. */
export interface Optional<T> {
  readonly optional: Type<T>;
}

export function optional<T>(type: Type<T>): Optional<T> {
  return { optional: type };
}

type Field = Type<never> | Type<unknown> | Optional<never> | Optional<unknown>;
type Fields = Readonly<Record<string, Field>>;
type OptionalKey<F extends Fields> = { [K in keyof F]: F[K] extends Optional<infer _> ? K : never }[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };
export type Struct<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalKey<F>>]: Infer<F[K]> } & {
    [K in OptionalKey<F>]?: (F[K] extends Optional<infer V> ? V : never) | undefined;
  }
>;

/** A map with the integer keys 0, 1, 2 … in the order in which the fields are declared. */
export function struct<const F extends Fields>(fields: F): Type<Struct<F>> {
  const list = Object.entries(fields).map(([name, field]) => ({
    name,
    // The names that the other side knows its fields by.
    wireName: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    required: !("optional" in field),
    type: ("optional" in field ? field.optional : field) as Type<unknown>,
  }));

  function fieldAt(reader: Reader): (typeof list)[number] {
    const { major } = reader.peek();
    if (major === Major.unsigned) return list[uint.read(reader)] ?? shape();
    const name = text.read(reader);
    return list.find(({ wireName }) => wireName === name) ?? shape();
  }

  return {
    read(reader) {
      const { major, argument } = reader.head();
      const value: Record<string, unknown> = {};
      if (major === Major.array) {
        if (argument > list.length) shape();
        for (const { name, type } of list.slice(0, argument)) value[name] = type.read(reader);
      } else if (major === Major.map) {
        for (let entry = 0; entry < argument; entry += 1) {
          const { name, type } = fieldAt(reader);
          if (name in value) shape();
          value[name] = type.read(reader);
        }
      } else {
        shape();
      }
      if (list.some(({ name, required }) => required && !(name in value))) shape();
      return value as Struct<F>;
    },
    write(value, out) {
      const record = value as Record<string, unknown>;
      const present = list.filter(({ name }) => record[name] !== undefined);
      out.push(writeHead(Major.map, present.length));
      for (const { name, type } of present) {
        uint.write(list.findIndex((field) => field.name === name), out);
        type.write(record[name], out);
      }
    },
  };
}

/** The canonical encoding of a value. */
export function encode<T>(type: Type<T>, value: T): Uint8Array {
  const out: Uint8Array[] = [];
  type.write(value, out);
  return concat(...out);
}
