import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWindow } from "@tauri-apps/api/window";
import createClient from "openapi-fetch";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  BridgeError,
  BridgeEventSource,
  BridgeWebSocket,
  connectPage,
  cookies,
  diagnose,
  download,
  fetch,
  jsonLines,
  logs,
  mediaUrl,
  onStatus,
  restart,
  type State,
  type Status,
  start,
  status,
  stop,
  upload,
  waitReady,
} from "../../src/index.js";
import { closeSidecars, eventStream, mockSidecar, problem } from "../../src/testing/index.js";

const phases = (seen: Status[]) => seen.map(({ generation, state }) => `${generation} ${state.phase}`);

/** What the kit gives, in the DOM of that name. */
export function describeKit(dom: string): void {
  afterEach(closeSidecars);
  describe(`in ${dom}`, () => {
    describe("routes", routes);
    describe("a request", requests);
    describe("an answer", answers);
    describe("the lifecycle of a sidecar", lifecycle);
    describe("the window", windows);
    describe("files", files);
    describe("modules of workers", modulesOfWorkers);
  });
}

function files() {
  const text = (content: Uint8Array | undefined) => new TextDecoder().decode(content);

  test("are saved where the dialog of the test says, and told of", async () => {
    const asked: unknown[] = [];
    const sidecar = mockSidecar({
      routes: { "GET /export": () => new Response("a,b", { headers: { "content-length": "3" } }) },
      commands: {
        "plugin:dialog|save": ({ options }) => {
          asked.push(options);
          return "/home/ada/export.csv";
        },
      },
    });
    const told: unknown[] = [];
    expect(await download("/export", { onProgress: (now) => told.push(now) })).toBe("/home/ada/export.csv");
    expect(text(sidecar.files.get("/home/ada/export.csv"))).toBe("a,b");
    expect(asked).toEqual([{ defaultPath: "export" }]);
    expect(told.at(-1)).toEqual({ bytes: 3, totalBytes: 3 });
  });

  test("that nobody chose are refused, before anything is asked", async () => {
    const handler = vi.fn(() => new Response("a,b"));
    const sidecar = mockSidecar({ handler });
    const refused = { code: "permission_denied" };
    await expect(download("/export", { to: "/etc/passwd" })).rejects.toMatchObject(refused);
    await expect(upload("/import", { files: { file: "/etc/passwd" } })).rejects.toMatchObject(refused);
    expect(handler).not.toHaveBeenCalled();
    await expect(download("/export", { to: () => "/etc/passwd" })).rejects.toMatchObject(refused);
    expect(sidecar.files.size).toBe(0);
  });

  test("are not saved where the answer is an error, which the problem has", async () => {
    const routes = { "GET /export": () => Response.json({ detail: "no orders" }, { status: 409 }) };
    const sidecar = mockSidecar({ routes, files: { "/a": "before" } });
    const error = await download("/export", { to: "/a" }).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: "failed_precondition",
      problem: { data: { detail: "no orders" } },
    });
    expect(text(sidecar.files.get("/a"))).toBe("before");
  });

  test("are not saved where there is nothing to save, and empty where the answer has no body", async () => {
    const sidecar = mockSidecar({
      routes: {
        "GET /same": () => new Response(null, { status: 304 }),
        "GET /empty": () => new Response(null, { status: 204 }),
      },
      files: { "/a": "before" },
    });
    await expect(download("/same", { to: "/a" })).rejects.toMatchObject({ code: "internal" });
    expect(text(sidecar.files.get("/a"))).toBe("before");
    expect(await download("/empty", { to: "/a" })).toBe("/a");
    expect(text(sidecar.files.get("/a"))).toBe("");
  });

  test("are not saved in part", async () => {
    let broken = false;
    const pull = (controller: ReadableStreamDefaultController) => {
      if (broken) controller.error(problem("unavailable"));
      else controller.enqueue(new Uint8Array(3));
      broken = true;
    };
    const handler = () => new Response(new ReadableStream({ pull }));
    const sidecar = mockSidecar({ handler, files: { "/a": "before" } });
    await expect(download("/export", { to: "/a" })).rejects.toMatchObject({ code: "unavailable" });
    expect(text(sidecar.files.get("/a"))).toBe("before");
  });

  test("of the test are sent as a form", async () => {
    const handler = async (request: Request) => {
      const type = request.headers.get("content-type")?.split(";")[0];
      return Response.json([type, await request.text()]);
    };
    mockSidecar({ handler, files: { "/home/ada/a.csv": "a,b" } });
    const init = { files: { file: "/home/ada/a.csv" }, fields: { year: "2026" } };
    const [type, form] = await (await upload("/import", init)).json();
    expect(type).toBe("multipart/form-data");
    expect(form).toContain('name="year"\r\n\r\n2026\r\n');
    expect(form).toContain('name="file"; filename="a.csv"\r\n');
    expect(form).toContain("\r\n\r\na,b\r\n");
  });
}

function modulesOfWorkers() {
  test("run in the page, which is there at once", async () => {
    mockSidecar({ routes: { "GET /a": () => new Response("a") } });
    await connectPage();
    expect(await (await fetch("/a")).text()).toBe("a");
  });
}

function routes() {
  test("set cookies that the page reads", async () => {
    const answer = new Response();
    answer.headers.append("set-cookie", "csrftoken=a=b; Path=/; SameSite=Strict");
    answer.headers.append("set-cookie", "session=1; HttpOnly");
    const gone = () => {
      const response = new Response();
      response.headers.append("set-cookie", "csrftoken=; Max-Age=0");
      return response;
    };
    mockSidecar({ routes: { "POST /login": () => answer, "POST /logout": gone } });
    await fetch("/login", { method: "POST" });
    expect([...(await cookies())]).toEqual([["csrftoken", "a=b"]]);
    await fetch("/logout", { method: "POST", credentials: "omit" });
    expect((await cookies()).size).toBe(1);
    await fetch("/logout", { method: "POST" });
    expect((await cookies()).size).toBe(0);
  });

  test("have URLs for elements", async () => {
    mockSidecar();
    expect(await mediaUrl("/plot.png")).toMatch(/^sidecar-media:.*\/plot\.png$/);
  });

  test("answer by method and path, with parameters", async () => {
    mockSidecar({
      routes: {
        "GET /api/users/me": () => Response.json({ id: "me" }),
        "GET /api/users/{id}": (_, { id }) => Response.json({ id }),
        "GET /api/v1.0/{a}/{b}": (_, params) => Response.json(params),
      },
    });
    expect(await (await fetch("/api/users/me")).json()).toEqual({ id: "me" });
    expect(await (await fetch("/api/users/a%20b?x=1")).json()).toEqual({ id: "a b" });
    expect(await (await fetch("/api/v1.0/1/2")).json()).toEqual({ a: "1", b: "2" });
    expect((await fetch("/api/v1x0/1/2")).status).toBe(404);
  });

  test("answer what fits none as FastAPI does", async () => {
    mockSidecar({ routes: { "GET /api/users": () => Response.json([]) } });
    const missing = await fetch("/api/nothing");
    expect([missing.status, await missing.json()]).toEqual([404, { detail: "Not Found" }]);
    const method = await fetch("/api/users", { method: "DELETE" });
    expect([method.status, await method.json()]).toEqual([405, { detail: "Method Not Allowed" }]);
  });

  test.each(["/api", "get /api", "GET api", "GET"])("refuse %s, which is no route", (key) => {
    expect(() => mockSidecar({ routes: { [key]: () => new Response() } })).toThrow(
      `"${key}" is not a route; write it like "GET /api/users/{id}"`,
    );
  });
}

function requests() {
  test("comes with method, headers, query and body", async () => {
    const handler = vi.fn(async (request: Request) => Response.json(await request.json()));
    mockSidecar({ handler });
    const init = { method: "PUT", headers: { "x-a": "1" }, body: '{"b":2}' };
    expect(await (await fetch("/api?q=%20", init)).json()).toEqual({ b: 2 });
    const [request] = handler.mock.calls[0] ?? [];
    expect(request?.method).toBe("PUT");
    expect(new URL(request?.url ?? "").search).toBe("?q=%20");
    expect(request?.headers.get("x-a")).toBe("1");
  });

  test("may come from a client such as openapi-fetch", async () => {
    mockSidecar({ routes: { "POST /echo": async (request) => Response.json(await request.json()) } });
    const client = createClient<Record<string, Record<"post", { responses: Record<200, unknown> }>>>({
      fetch,
      baseUrl: location.origin, // jsdom's Request takes no path alone
    });
    const { data } = await client.POST("/echo", { body: { name: "Ada" } } as never);
    expect(data).toEqual({ name: "Ada" });
  });

  test("may stream its body", async () => {
    mockSidecar({
      handler: async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
    });
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let n = 0; n < 3; n++) controller.enqueue(new Uint8Array(700_000));
        controller.close();
      },
    });
    expect(await (await fetch("/", { method: "POST", body })).text()).toBe("2100000");
    expect(await (await fetch("/", { method: "POST", body: new Uint8Array(600_000) })).text()).toBe("600000");
  });

  test("that is aborted aborts the handler's signal", async () => {
    const controller = new AbortController();
    const aborted = vi.fn();
    mockSidecar({
      handler: (request) =>
        new Promise(() => {
          request.signal.addEventListener("abort", aborted);
          controller.abort(new Error("enough"));
        }),
    });
    await expect(fetch("/", { signal: controller.signal })).rejects.toThrow("enough");
    await vi.waitFor(() => expect(aborted).toHaveBeenCalled());
  });

  test("for another sidecar is not found", async () => {
    mockSidecar();
    const refusal = fetch("/", { sidecar: "worker" });
    await expect(refusal).rejects.toMatchObject({ code: "not_found" });
    await expect(refusal).rejects.toThrow("there is no sidecar `worker`; there is: python");
  });
}

function answers() {
  test("keeps status, headers and body, also none", async () => {
    mockSidecar({
      routes: {
        "GET /full": () => new Response("hello", { status: 201, headers: { "retry-after": "7" } }),
        "DELETE /empty": () => new Response(null, { status: 204 }),
      },
    });
    const full = await fetch("/full");
    expect([full.status, full.headers.get("retry-after"), await full.text()]).toEqual([201, "7", "hello"]);
    expect((await fetch("/empty", { method: "DELETE" })).status).toBe(204);
  });

  test("follows redirects", async () => {
    mockSidecar({
      routes: {
        "GET /users": () => new Response(null, { status: 307, headers: { location: "/users/" } }),
        "GET /users/": () => new Response("there"),
      },
    });
    const response = await fetch("/users");
    expect([response.redirected, await response.text()]).toEqual([true, "there"]);
  });

  test("streams events as the test sends them", async () => {
    const progress = eventStream();
    mockSidecar({ routes: { "GET /progress": () => progress.response } });
    const seen: unknown[] = [];
    const source = new BridgeEventSource("/progress");
    source.onmessage = ({ data }) => seen.push(data);
    progress.send({ done: 1 });
    await vi.waitFor(() => expect(seen).toEqual(['{"done":1}']));
    progress.send("two\nlines");
    await vi.waitFor(() => expect(seen).toEqual(['{"done":1}', "two\nlines"]));
    source.close();
    await vi.waitFor(() => expect(progress.cancelled).toBe(true));
  });

  test("may be lines of JSON", async () => {
    mockSidecar({ handler: () => new Response('{"n":1}\n{"n":2}\n') });
    const seen: unknown[] = [];
    for await (const line of jsonLines(await fetch("/"))) seen.push(line);
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("that is a problem becomes a BridgeError", async () => {
    mockSidecar({
      routes: {
        "GET /thrown": () => {
          throw problem("permission_denied", "no capability grants GET /thrown");
        },
        "GET /bug": () => {
          throw new Error("a bug of the test");
        },
      },
    });
    const refusal = fetch("/thrown");
    await expect(refusal).rejects.toBeInstanceOf(BridgeError);
    await expect(refusal).rejects.toMatchObject({
      problem: { code: "permission_denied", status: 403, title: "permission denied", retryable: false },
    });
    await expect(fetch("/bug")).rejects.toMatchObject({ code: "internal", message: "a bug of the test" });
  });

  test("that was read before is refused with the remedy", async () => {
    const response = new Response("once");
    mockSidecar({ handler: () => response });
    await (await fetch("/")).text();
    await expect(fetch("/again")).rejects.toThrow(
      "GET /again was answered with a Response that was read before; make one per request",
    );
  });
}

function lifecycle() {
  test("status and onStatus see what the test sets", async () => {
    const sidecar = mockSidecar({ state: { phase: "starting", activity: null } });
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    sidecar.setStatus({ phase: "starting", activity: { name: "migrating", percent: 50 } });
    sidecar.setStatus({ phase: "ready", pid: 42 });
    sidecar.setStatus({ generation: 7, warning: "old bindings" });
    await vi.waitFor(() => expect(phases(seen)).toEqual(["1 starting", "1 starting", "1 ready", "7 ready"]));
    expect(await status()).toEqual(sidecar.status);
    expect(sidecar.status).toMatchObject({ generation: 7, warning: "old bindings" });
  });

  test("requests wait for a sidecar that starts, and go on when it serves", async () => {
    const sidecar = mockSidecar({
      state: { phase: "starting", activity: null },
      handler: () => new Response("served"),
    });
    const waiting = fetch("/");
    const late = vi.fn();
    waiting.then(late);
    await expect(fetch("/", { waitMs: 5 })).rejects.toMatchObject({ code: "unavailable" });
    expect(late).not.toHaveBeenCalled();
    sidecar.setStatus({ phase: "ready", pid: 42 });
    expect(await (await waiting).text()).toBe("served");
    await waitReady();
  });

  test("a crash breaks off what is on its way, and later requests wait", async () => {
    const progress = eventStream();
    const sidecar = mockSidecar({
      routes: { "GET /progress": () => progress.response, "GET /x": () => new Response("next generation") },
    });
    const seen: Status[] = [];
    await onStatus((next) => seen.push(next));
    // Not `text()`: happy-dom makes an error of its own of what a body fails with.
    const piece = (await fetch("/progress")).body?.getReader().read();
    sidecar.crash();
    await expect(piece).rejects.toMatchObject({ code: "unavailable" });
    const later = fetch("/x");
    sidecar.recover();
    expect(await (await later).text()).toBe("next generation");
    await vi.waitFor(() =>
      expect(phases(seen)).toEqual(["1 ready", "1 restarting", "2 starting", "2 ready"]),
    );
    expect(seen[1]?.state).toMatchObject({ exit: { signal: 9 }, problem: { code: "unavailable" } });
  });

  test("its status has no details, which need a permission of their own", async () => {
    const sidecar = mockSidecar();
    const failed: State = {
      phase: "failed",
      problem: problem("unavailable", "it exited with code 3"),
      details: "it exited with code 3; it last said: no module `app`",
      exit: { code: 3, signal: null, stderr: ["no module `app`"] },
    };
    sidecar.setStatus(failed);
    const { details: _, ...open } = failed;
    expect((await status()).state).toEqual({ ...open, exit: { code: 3, signal: null, stderr: [] } });
    expect(await status()).toEqual(sidecar.status);
    expect((await diagnose()).state).toEqual(failed);
  });

  test("the page may stop, start and restart it", async () => {
    const sidecar = mockSidecar();
    await stop();
    expect(sidecar.status.state.phase).toBe("stopped");
    await expect(fetch("/")).rejects.toThrow("sidecar `python` is stopped; try again when it serves");
    await start();
    await restart();
    expect(sidecar.status).toMatchObject({ generation: 3, state: { phase: "ready" } });
  });

  test("its log has the lines of the test", async () => {
    const sidecar = mockSidecar();
    sidecar.log("INFO one");
    sidecar.crash();
    sidecar.recover();
    sidecar.log("two", "stdout");
    expect(await logs()).toMatchObject([
      { sequence: 1, generation: 1, stream: "stderr", text: "INFO one" },
      { sequence: 2, generation: 2, stream: "stdout", text: "two" },
    ]);
  });
}

function windows() {
  test("has the commands and events of the app", async () => {
    const greet = vi.fn(() => "hello");
    const sidecar = mockSidecar({
      label: "report",
      commands: {
        greet,
        nothing: () => {},
        "plugin:sidecar-bridge|restart": () => {
          throw problem("permission_denied");
        },
      },
    });
    expect(await invoke("greet", { name: "Ada" })).toBe("hello");
    expect(greet).toHaveBeenCalledWith({ name: "Ada" });
    expect(await invoke("nothing")).toBeNull();
    await expect(invoke("missing")).rejects.toBe("Command missing not found");
    await expect(restart()).rejects.toMatchObject({ code: "permission_denied" });
    expect(getCurrentWindow().label).toBe("report");
    const onAsked = vi.fn();
    await listen("asked", ({ payload }) => onAsked(payload));
    sidecar.emit("asked", { count: 1 });
    expect(onAsked).toHaveBeenCalledWith({ count: 1 });
  });

  test("may have several sidecars", async () => {
    mockSidecar({ handler: () => new Response("python") });
    const worker = mockSidecar({ name: "worker", handler: () => new Response("worker") });
    const ask = async (sidecar: string) => (await fetch("/", { sidecar })).text();
    expect([await ask("python"), await ask("worker")]).toEqual(["python", "worker"]);
    await expect(fetch("/")).rejects.toMatchObject({ code: "not_found" });
    worker.close();
    expect(await (await fetch("/")).text()).toBe("python");
  });

  test("is replaced by the next call, which an older close leaves alone", async () => {
    const first = mockSidecar({ handler: () => new Response("first") });
    mockSidecar({ handler: () => new Response("second") });
    first.close();
    expect(await (await fetch("/")).text()).toBe("second");
  });

  test("closes, and what ends late does no harm", async () => {
    const handler = vi.fn(() => new Promise<Response>(() => {}));
    mockSidecar({ handler });
    const unlisten = await listen("asked", () => {});
    const pending = vi.fn();
    fetch("/").finally(pending);
    await vi.waitFor(() => expect(handler).toHaveBeenCalled());
    closeSidecars();
    await unlisten();
    await expect(status()).rejects.toThrow("this page does not run in a tauri window");
    expect("__TAURI_INTERNALS__" in window).toBe(false);
    expect(pending).not.toHaveBeenCalled();
  });

  test("has no WebSockets, and says so by closing", async () => {
    mockSidecar();
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const closed = vi.fn();
    new BridgeWebSocket("/ws").onclose = ({ code }) => closed(code);
    await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(1006));
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });
}
