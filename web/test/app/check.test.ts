// What browsers must have: the list says so before the pages start, and the documents name the same versions.
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

const script = readFileSync(new URL("../../public/check.js", import.meta.url), "utf8");
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

class Place {
  readonly texts: string[] = [];
  lang = "";
  constructor(readonly children: Place[] = []) {}
  appendChild(child: Place): Place {
    this.children.push(child);
    return child;
  }
  addEventListener(_name: string, listener: () => void): void {
    listener();
  }
  setAttribute(name: string, value: string): void {
    this.texts.push(`${name}=${value}`);
  }
  text(): string {
    return [...this.texts, ...this.children.map((child) => child.text())].join("\n");
  }
}

/** Runs the script in a browser that has everything but what `without` takes away; answers what the page then shows. */
function shown(without: (globals: Record<string, unknown>) => void): string {
  const page = new Place();
  class Element {
    replaceChildren(): void {}
  }
  class IDBObjectStore {
    getAllKeys(): void {}
  }
  const document = {
    documentElement: page,
    body: page,
    addEventListener: page.addEventListener,
    getElementById: (id: string) => (id === "app" ? page : null),
    createElement: () => Object.assign(new Place(), { noModule: false }),
    createTextNode: (text: string) => {
      const node = new Place();
      node.texts.push(text);
      return node;
    },
  };
  const globals: Record<string, unknown> = { document, Element, IDBObjectStore, indexedDB: {}, crypto, ReadableStream, Response, Intl, AbortSignal, BigInt, Object, Array: { prototype: { at: () => 0, findLast: () => 0 } }, String: { prototype: { isWellFormed: () => true } } };
  without(globals);
  runInNewContext(script.replace(/\}\)\(this\);\s*$/, "})(browser);"), { browser: globals, Math });
  return page.text();
}

test("a browser that has everything is told nothing", () => {
  expect(shown(() => undefined)).toBe("");
});

test.each(["indexedDB", "crypto", "ReadableStream", "Intl", "BigInt", "AbortSignal", "String"])("without %s both languages say what to do", (name) => {
  const text = shown((globals) => Reflect.deleteProperty(globals, name));
  expect(text).toMatch(/^data-too-old=/);
  for (const words of ["Das können Sie tun", "Befehlszeile", "auf Papier", "What you can do", "command line", "Wiederherstellungsblatt"]) expect(text).toContain(words);
});

test("the README names the versions of the list", () => {
  const text = shown((globals) => Reflect.deleteProperty(globals, "indexedDB"));
  const [, chrome, firefox, safari] = /Chrome, Edge: (\S+)\nFirefox: (\S+)\nSafari[^:]*: (\S+)/.exec(text) ?? [];
  expect(readme).toContain(`**Chrome and Edge ${chrome}, Firefox ${firefox}, Safari ${safari}**`);
});

test("old browsers can read the script", () => {
  expect(script.replace(/\/\/.*$|"[^"]*"/gm, "")).not.toMatch(/=>|\b(?:let|const|class|async|import|export)\s|`|\?\?|\?\./);
});
