// Writes imprint, privacy and accessibility into `legal/index.html`, which every browser can show without scripts.
//
// Invariant: the texts are those of the pages (`src/app/legal/documents.ts`); every text is escaped. The operator's
// facts are `public/operator.json`, or the file that OPERATOR_FILE names; one that cannot be read ends the build.

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";
import { type Block, type LegalDocument, legalDocuments } from "../src/app/legal/documents.ts";
import { type OperatorFacts, readFacts } from "../src/app/legal/operator-facts.ts";

/** Where the facts are. */
function factsFile(root: string): string {
  return process.env["OPERATOR_FILE"] ?? resolve(root, "public/operator.json");
}

export function legalPage(root: string): Plugin {
  return {
    name: "postfach-legal",
    transformIndexHtml: {
      order: "pre",
      handler(html, { path }) {
        return path.endsWith("/legal/index.html") ? html.replace("<!--legal-->", () => legalHtml(read(root))) : html;
      },
    },
    writeBundle() {
      writeFileSync(resolve(root, "dist/pages/operator.json"), `${JSON.stringify(read(root), null, 2)}\n`);
    },
  };
}

function read(root: string): OperatorFacts {
  return readFacts(JSON.parse(readFileSync(factsFile(root), "utf8")));
}

/** Both languages, one after the other. */
export function legalHtml(facts: OperatorFacts): string {
  const german = legalDocuments("de", facts);
  const english = legalDocuments("en", facts);
  const entry = (suffix: string) => ({ id, title }: LegalDocument): string => `<li><a class="kern-link" href="#${id}${suffix}">${escaped(title)}</a></li>`;
  return [
    `<nav class="top" aria-label="Inhalt"><ul>${german.map(entry("")).join("")}</ul><ul lang="en">${english.map(entry("-en")).join("")}</ul></nav>`,
    `<main><h1 class="kern-heading-large">Mein Postfach</h1>${german.map((one) => section(one, "")).join("")}`,
    `<div lang="en">${english.map((one) => section(one, "-en")).join("")}</div></main>`,
    `<footer class="bottom"><a class="kern-link" href="/">Mein Postfach</a></footer>`,
  ].join("\n");
}

function section({ id, title, blocks }: LegalDocument, suffix: string): string {
  return `<section aria-labelledby="${id}${suffix}"><h2 class="kern-heading-medium" id="${id}${suffix}">${escaped(title)}</h2>${blocks.map(written).join("\n")}</section>`;
}

function written(block: Block): string {
  if (block.kind === "heading") return `<h3 class="kern-heading-small">${escaped(block.text)}</h3>`;
  if (block.kind === "list") return `<ul class="kern-body">${block.items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
  const parts = block.parts.map((part) => (typeof part === "string" ? escaped(part) : `<mark>[${escaped(part.gap)}]</mark>`));
  return `<p class="kern-body">${parts.join("")}</p>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}
