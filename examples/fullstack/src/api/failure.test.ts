import { BridgeError } from "tauri-plugin-sidecar-bridge-api";
import { problem } from "tauri-plugin-sidecar-bridge-api/testing";
import { expect, test } from "vitest";
import { asSentence, Failure, passes, sentenceOf } from "@/api/failure";

test.each([
  ["wrong email or password", "Wrong email or password."],
  ["orders.csv is 1.0 GB; split the file", "orders.csv is 1.0 GB; split the file."],
  ["ada@example.com has an account already", "ada@example.com has an account already."],
  ["`email`: not an address", "`email`: not an address."],
  ["done", "Done."],
  ["Already a sentence!", "Already a sentence!"],
])("%s becomes a sentence", (text, sentence) => {
  expect(asSentence(text)).toBe(sentence);
});

test("an answer that is not FastAPI's own still says what to do", () => {
  const failure = new Failure(new Response(null, { status: 500 }), "Internal Server Error");
  expect(sentenceOf(failure)).toBe("The server answered 500; look at the log on the diagnostics page.");
  expect(sentenceOf(undefined)).toBe("Something went wrong; look at the log on the diagnostics page.");
});

test.each([
  ["7", 7],
  ["soon", null],
])("a Retry-After of %s is read as %s seconds", (value, seconds) => {
  const response = new Response(null, { status: 429, headers: { "retry-after": value } });
  expect(new Failure(response, {}).retryAfterS).toBe(seconds);
});

test("what passes by itself is tried again, and nothing else", () => {
  expect(passes(new BridgeError(problem("unavailable")))).toBe(true);
  expect(passes(new Failure(new Response(null, { status: 503 }), {}))).toBe(true);
  expect(passes(new BridgeError(problem("permission_denied")))).toBe(false);
  expect(passes(new Failure(new Response(null, { status: 507 }), {}))).toBe(false);
  expect(passes(new TypeError("no"))).toBe(false);
});
