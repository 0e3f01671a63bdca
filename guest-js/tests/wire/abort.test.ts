import { expect, test, vi } from "vitest";
import { unlessAborted } from "../../src/wire/abort.js";

test("a wait leaves no listener on its signal, however it ends", async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  await unlessAborted(Promise.resolve(), signal);
  await unlessAborted(Promise.reject("no"), signal).catch(() => {});
  expect(added).toHaveBeenCalledTimes(2);
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
    added.mock.calls.map(([, listener]) => listener),
  );
});
