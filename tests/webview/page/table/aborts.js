import { rejection, rows } from "./rows.js";

// --- aborts
rows["abort before"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { signal: AbortSignal.abort() }));
rows["abort before, with a reason"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { signal: AbortSignal.abort(new RangeError("x")) }));
rows["abort while waiting for the head"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = fetch(`${base}/hang`, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  return rejection(response);
};
rows["abort during the body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/endless`, { signal: controller.signal });
  const reader = response.body.getReader();
  await reader.read();
  controller.abort();
  return rejection(
    (async () => {
      for (;;) await reader.read();
    })(),
  );
};
rows["abort after the body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/json`, { signal: controller.signal });
  const value = await response.json();
  controller.abort();
  return value;
};
rows["signal of a Request"] = async (fetch, base) => {
  const controller = new AbortController();
  const request = new Request(`${base}/hang`, { signal: controller.signal });
  const response = fetch(request);
  controller.abort();
  return rejection(response);
};

for (const method of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"]) {
  rows[`abort while ${method} reads`] = async (fetch, base) => {
    const controller = new AbortController();
    const response = await fetch(`${base}/endless`, { signal: controller.signal });
    const reading = rejection(response[method]());
    setTimeout(() => controller.abort(), 20);
    return reading;
  };
}
rows["abort between the head and the reading"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/json`, { signal: controller.signal });
  controller.abort();
  return rejection(response.json());
};
rows["abort between the head and the reading of an endless body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/endless`, { signal: controller.signal });
  controller.abort();
  return [await rejection(response.text()), response.bodyUsed];
};
rows["abort of a response without a body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/status/204`, { signal: controller.signal });
  controller.abort();
  return rejection(response.text());
};
rows["abort at each microtask"] = async (fetch, base) => {
  const outcomes = new Set();
  for (let ticks = 0; ticks < 30; ticks++) {
    const controller = new AbortController();
    const response = fetch(`${base}/hang`, { method: "POST", body: "x", signal: controller.signal });
    const outcome = rejection(response);
    for (let tick = 0; tick < ticks; tick++) await null;
    controller.abort();
    outcomes.add((await outcome).rejected);
  }
  return [...outcomes];
};
rows["abort at each microtask around the head"] = async (fetch, base) => {
  const outcomes = new Set();
  for (let ticks = 0; ticks < 30; ticks++) {
    const controller = new AbortController();
    const fetching = fetch(`${base}/endless`, { signal: controller.signal });
    const head = fetching.then(async () => {
      for (let tick = 0; tick < ticks; tick++) await null;
      controller.abort();
    });
    outcomes.add((await rejection(fetching.then((response) => response.text()))).rejected);
    await head;
  }
  return [...outcomes];
};
rows["wrong arguments and an aborted signal"] = async (fetch) =>
  rejection(fetch("http://[x", { signal: AbortSignal.abort() }));
