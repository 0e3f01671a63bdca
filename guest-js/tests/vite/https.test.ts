import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, type Protocol, VITES, World } from "./kit.js";

const world = new World();
const PROTOCOLS: Protocol[] = ["http", "https", "h2"];

beforeAll(async () => {
  await world.open();
  world.answer = async (incoming, answer) => {
    const { method, url, headers } = incoming;
    const body = await text(incoming);
    answer.writeHead(201, "Made", {
      "set-cookie": ["a=1", "b=2"],
      connection: "keep-alive, x-hop",
      "keep-alive": "timeout=5",
      "x-hop": "only as far as the next",
      "x-many": ["1", "2"],
    });
    answer.end(JSON.stringify({ method, url, headers, body }));
  };
});
afterAll(() => world.close());

describe.each(VITES)("%s", (name) => {
  let ports: Record<Protocol, number>;

  beforeAll(async () => {
    ports = await world.ports(name);
  });

  describe.each(PROTOCOLS)("over %s", (protocol) => {
    const path = "/@sidecar-bridge/-/users?x=1";

    test.each(["POST", "DELETE", "GET"])(
      "passes a %s with a body on, and its answer back",
      async (method) => {
        // Without `content-length`, as a page sends a stream: the body then has the framing of its protocol.
        const headers = {
          "x-own": "1",
          cookie: "c=3",
          ...(protocol === "h2" ? {} : { "transfer-encoding": "chunked" }),
        };
        const answer = await ask(ports[protocol], path, { protocol, method, headers, body: "body" });
        const seen = JSON.parse(answer.body);
        expect(seen).toMatchObject({ method, url: "/users?x=1", body: "body" });
        expect(seen.headers).toMatchObject({ host: "localhost", "x-own": "1", cookie: "c=3" });
        expect(Object.keys(seen.headers).filter((each) => each.startsWith(":"))).toEqual([]);
        expect(answer.status).toBe(201);
        expect(answer.headers).toMatchObject({ "set-cookie": ["a=1", "b=2"], "x-many": "1, 2" });
        expect(answer.headers).not.toHaveProperty("x-hop");
      },
    );

    test("passes a request without a body on, and leaves out what is for one connection", async () => {
      const headers =
        protocol === "h2" ? {} : { connection: "keep-alive, x-hop", "keep-alive": "1", "x-hop": "1" };
      const { body } = await ask(ports[protocol], path, { protocol, headers });
      const seen = JSON.parse(body);
      expect(seen.body).toBe("");
      for (const gone of ["keep-alive", "x-hop", "transfer-encoding"]) {
        expect(seen.headers).not.toHaveProperty(gone);
      }
    });

    test("says why there is no sidecar", async () => {
      const answer = await ask(ports[protocol], "/@sidecar-bridge/ruby/", { protocol });
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(JSON.parse(answer.body)).toMatchObject({ code: "unavailable", status: 503 });
    });
  });
});
