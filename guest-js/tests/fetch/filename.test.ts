import { expect, test } from "vitest";
import { fileNameOf } from "../../src/fetch/filename.js";

const of = (disposition: string | null, path = "/api/export") =>
  fileNameOf(disposition, new URL(path, "http://localhost"));

test.each([
  ["attachment; filename=export.csv", "export.csv"],
  ['attachment; filename="my export.csv"', "my export.csv"],
  ['attachment; filename="a\\"b; c.csv"; size=3', "a_b; c.csv"],
  ['inline;FILENAME = "export.csv"', "export.csv"],
  // What Starlette sends for a name beyond ASCII, and a browser's preference of it.
  ["attachment; filename*=utf-8''gr%C3%BC%C3%9Fe.csv", "grüße.csv"],
  ["attachment; filename=\"EURO.csv\"; filename*=UTF-8''%e2%82%ac.csv", "€.csv"],
  ["attachment; filename*=iso-8859-1'de'gr%FC%DFe.csv", "grüße.csv"],
  // One that cannot be read gives way.
  ["attachment; filename=plain.csv; filename*=UTF-8''%ff.csv", "plain.csv"],
  ["attachment; filename=plain.csv; filename*=klingon''a.csv", "plain.csv"],
  // Bytes beyond ASCII come as one character each.
  ['attachment; filename="gr\u00c3\u00bc\u00c3\u0178e.csv"', "grÃ¼Ã\u0178e.csv"],
  ['attachment; filename="gr\u00c3\u00bcn.csv"', "grün.csv"],
  ['attachment; filename="gr\u00fcn.csv"', "grün.csv"],
])("the name in %s", (disposition, name) => {
  expect(of(disposition)).toBe(name);
});

test.each([
  ["../../.bashrc", "bashrc"],
  ["/etc/passwd", "passwd"],
  ["C:\\\\Windows\\\\x.dll", "x.dll"],
  ["a\u0000b\u007f.csv", "ab.csv"],
  ["CON.txt", "_CON.txt"],
  ["com1", "_com1"],
  ["a<b>c:d|e?f*.csv", "a_b_c_d_e_f_.csv"],
  ["export.csv. . ", "export.csv"],
  ["..", "export"],
])("no folder, device or hidden file: %s", (given, name) => {
  expect(of(`attachment; filename="${given}"`)).toBe(name);
});

test("no character that turns others around", () => {
  expect(of("attachment; filename*=UTF-8''photo%E2%80%AEgpj.exe")).toBe("photogpj.exe");
});

test("a long name keeps its ending, and whole characters", () => {
  const name = of(`attachment; filename*=UTF-8''${encodeURIComponent("😀".repeat(100))}.tar.gz`);
  expect(name.endsWith("😀.gz") || name.endsWith("😀.tar.gz")).toBe(true);
  expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(200);
});

test.each([
  ["/exports/2026%20orders.csv?all=1", "2026 orders.csv"],
  ["/exports/", "exports"],
  ["/%ff", "%ff"],
  ["/a%2F..%2Fb.csv", "b.csv"],
  ["/", "download"],
])("without a name in the header, the end of the path: %s", (path, name) => {
  expect(of(null, path)).toBe(name);
  expect(of("attachment", path)).toBe(name);
});
