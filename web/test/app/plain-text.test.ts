// Texts of strangers beside our own.
import { expect, test } from "vitest";
import { fileName, plain } from "../../src/app/plain-text.ts";

test("file names lose folders, direction marks and control characters, and keep their ending", () => {
  expect(fileName("../../etc/passwd", "x")).toBe("passwd");
  expect(fileName("C:\\temp\\a.pdf", "x")).toBe("a.pdf");
  expect(fileName("rechnung\u202efdp.exe", "x")).toBe("rechnungfdp.exe");
  expect(fileName("\u0000\u200b..", "Anlage 1")).toBe("Anlage 1");
  const long = fileName(`${"a".repeat(10_000)}.pdf`, "x");
  expect([...long].length).toBeLessThanOrEqual(120);
  expect(long.endsWith(".pdf")).toBe(true);
});

test("what turns the writing direction is shown as what it is", () => {
  expect(plain("a\u202eb\u2066c")).toBe("a\ufffdb\ufffdc");
  expect(plain("Ümläute bleiben")).toBe("Ümläute bleiben");
});
