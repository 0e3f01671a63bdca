/**
 * The clients of docs/page.md: each is given the guest package, sends what it is made for, and gives what came back. What
 * socket.io takes for the browser's WebSocket when it is loaded is the package's.
 */
import { createOpenAI } from "@ai-sdk/openai";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import * as wkt from "@bufbuild/protobuf/wkt";
import { createClient as createConnectClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import * as heyAxios from "@hey-api/client-axios";
import * as heyFetch from "@hey-api/client-fetch";
import { configureStore } from "@reduxjs/toolkit";
import { createApi, fetchBaseQuery } from "@reduxjs/toolkit/query";
import { QueryClient } from "@tanstack/query-core";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { fetchExchange, Client as UrqlClient } from "@urql/core";
import { generateText } from "ai";
import axios from "axios";
import { createClient as createGraphqlClient } from "graphql-ws";
import ky from "ky";
import { createFetch } from "ofetch";
import OpenAI from "openai";
import createClient from "openapi-fetch";
import { PartySocket } from "partysocket";
import ReconnectingWebSocket from "reconnecting-websocket";
import { io } from "socket.io-client";
import { preload } from "swr";
import * as tus from "tus-js-client";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import * as orval from "./orval/api.ts";
import { mutator } from "./orval/mutator.ts";
import { FetchStack } from "./tus.js";

const ada = { name: "Ada" };
const file = () => new File(["ab"], "a.txt", { type: "text/plain" });
const form = () => {
  const form = new FormData();
  form.append("file", file());
  return form;
};
const here = `${location.protocol}//${location.host}`;
const asJson = { "content-type": "application/json" };
/** What these give: a JSON body went there and back, and a form with a file. */
const bodies = [{ name: "ADA" }, [["file", "a.txt", "text/plain", [97, 98]]]];

const echoOf = (socket) =>
  new Promise((resolve, reject) => {
    socket.onopen = () => socket.send("hi");
    socket.onerror = ({ message }) => reject(new Error(message));
    socket.onmessage = ({ data }) => {
      socket.close();
      resolve(data);
    };
  });

/** By name: what the client gives, and the function that runs it. */
export const clients = {
  "openapi-fetch": [
    bodies,
    async ({ fetch, Request }) => {
      const api = createClient({ fetch, Request });
      const people = await api.POST("/people", { body: ada });
      return [people.data, (await api.POST("/form", { body: form(), bodySerializer: (body) => body })).data];
    },
  ],
  "hey-api": [bodies, ({ fetch }) => heyApi(heyFetch, { fetch, baseUrl: here })],
  "hey-api with axios": [
    bodies,
    ({ fetch, Request }) =>
      heyApi(heyAxios, { axios: axios.create({ adapter: "fetch", env: { fetch, Request, Response } }) }),
  ],
  ky: [
    bodies,
    async ({ fetch }) => {
      const api = ky.create({ fetch });
      return [
        await api.post("/people", { json: ada }).json(),
        await api.post("/form", { body: form() }).json(),
      ];
    },
  ],
  ofetch: [
    bodies,
    async ({ fetch }) => {
      const api = createFetch({ fetch });
      return [
        await api("/people", { method: "POST", body: ada }),
        await api("/form", { method: "POST", body: form() }),
      ];
    },
  ],
  orval: [
    bodies,
    async ({ fetch }) => {
      mutator.ask = async (url, init) => {
        const response = await fetch(url, init);
        const { status, headers } = response;
        const data = await response.json();
        return { data, status, headers };
      };
      return [(await orval.people(ada)).data, (await orval.form({ file: file() })).data];
    },
  ],
  axios: [
    bodies,
    async ({ fetch, Request }) => {
      const api = axios.create({ adapter: "fetch", env: { fetch, Request, Response } });
      return [(await api.post("/people", ada)).data, (await api.post("/form", form())).data];
    },
  ],
  "RTK Query": [
    bodies,
    async ({ fetch }) => {
      const post = (build, url) => build.mutation({ query: (body) => ({ url, method: "POST", body }) });
      const { endpoints, reducer, middleware, reducerPath } = createApi({
        baseQuery: fetchBaseQuery({ baseUrl: "/", fetchFn: fetch }),
        endpoints: (build) => ({ people: post(build, "people"), form: post(build, "form") }),
      });
      const store = configureStore({
        reducer: { [reducerPath]: reducer },
        middleware: (all) => all({ serializableCheck: false }).concat(middleware),
      });
      const people = await store.dispatch(endpoints.people.initiate(ada));
      const sent = await store.dispatch(endpoints.form.initiate(form()));
      return [people.data, sent.data];
    },
  ],
  "TanStack Query": [
    { a: [1, 2.5, null, "ü"] },
    ({ fetch }) =>
      new QueryClient().fetchQuery({
        queryKey: ["json"],
        queryFn: async ({ signal }) => (await fetch("/json", { signal })).json(),
      }),
  ],
  SWR: [
    { a: [1, 2.5, null, "ü"] },
    ({ fetch }) => preload("/json", async (path) => (await fetch(path)).json()),
  ],
  OpenAI: [
    ["hello", "hello", "ab"],
    async ({ fetch }) => {
      const openai = new OpenAI({
        fetch,
        baseURL: "http://localhost/v1",
        apiKey: "-",
        dangerouslyAllowBrowser: true,
      });
      const asked = { model: "m", messages: [{ role: "user", content: "hi" }] };
      const whole = await openai.chat.completions.create(asked);
      let streamed = "";
      for await (const { choices } of await openai.chat.completions.create({ ...asked, stream: true })) {
        streamed += choices[0].delta.content ?? "";
      }
      const { id } = await openai.files.create({ file: file(), purpose: "assistants" });
      return [whole.choices[0].message.content, streamed, id];
    },
  ],
  ai: [
    "hello",
    async ({ fetch }) => {
      const openai = createOpenAI({ fetch, baseURL: "http://localhost/v1", apiKey: "-" });
      return (await generateText({ model: openai.chat("m"), prompt: "hi" })).text;
    },
  ],
  tRPC: [
    "hi",
    ({ fetch }) => createTRPCClient({ links: [httpBatchLink({ url: "/trpc", fetch })] }).hello.query("x"),
  ],
  Connect: [
    "y",
    async ({ fetch }) => {
      const transport = createConnectTransport({ baseUrl: "http://localhost", fetch });
      const client = createConnectClient(serviceOf("Call"), transport);
      const { fields } = await client.call({ fields: { x: { kind: { case: "stringValue", value: "y" } } } });
      return fields.x.kind.value;
    },
  ],
  urql: [
    { a: 1 },
    async ({ fetch }) => {
      const client = new UrqlClient({
        url: "/graphql",
        exchanges: [fetchExchange],
        fetch,
        preferGetMethod: false,
      });
      return (await client.query("{a}", {}).toPromise()).data;
    },
  ],
  tus: [
    2,
    ({ fetch }) =>
      new Promise((resolve, reject) => {
        const upload = new tus.Upload(file(), {
          endpoint: "/tus",
          httpStack: new FetchStack(fetch),
          retryDelays: [],
          onError: reject,
          onSuccess: () => resolve(upload.file.size),
        });
        upload.start();
      }),
  ],
  "y-websocket": [
    "v",
    ({ BridgeWebSocket }) =>
      new Promise((resolve) => {
        const provider = (doc) =>
          new WebsocketProvider("ws://localhost/ws/rooms", "room", doc, {
            WebSocketPolyfill: BridgeWebSocket,
            disableBc: true,
          });
        const [one, other] = [new Y.Doc(), new Y.Doc()];
        const providers = [provider(one), provider(other)];
        other.getMap("map").observe(() => {
          for (const each of providers) each.destroy();
          resolve(other.getMap("map").get("k"));
        });
        const connected = providers.map((each) => new Promise((done) => each.on("status", done)));
        Promise.all(connected).then(() => one.getMap("map").set("k", "v"));
      }),
  ],
  "reconnecting-websocket": [
    "hi",
    ({ BridgeWebSocket }) =>
      echoOf(new ReconnectingWebSocket("ws://localhost/ws", [], { WebSocket: BridgeWebSocket })),
  ],
  partysocket: [
    "hi",
    ({ BridgeWebSocket }) =>
      echoOf(
        new PartySocket({ host: "localhost", room: "room", basePath: "ws", WebSocket: BridgeWebSocket }),
      ),
  ],
  "graphql-ws": [
    { data: { a: 1 } },
    ({ BridgeWebSocket }) =>
      new Promise((resolve, reject) => {
        const client = createGraphqlClient({
          url: "ws://localhost/ws/graphql",
          webSocketImpl: BridgeWebSocket,
        });
        client.subscribe(
          { query: "{a}" },
          { next: resolve, error: reject, complete: () => client.dispose() },
        );
      }),
  ],
  "socket.io": [
    1,
    () =>
      new Promise((resolve, reject) => {
        const socket = io("ws://localhost", { transports: ["websocket"] });
        socket.on("connect", () => socket.emit("hello", 1));
        socket.on("connect_error", (error) => {
          socket.close();
          reject(error);
        });
        socket.on("hello", (value) => {
          socket.close();
          resolve(value);
        });
      }),
  ],
};

async function heyApi({ createClient, formDataBodySerializer }, options) {
  const api = createClient(options);
  const people = await api.post({ url: "/people", body: ada, headers: asJson });
  const headers = { "Content-Type": null };
  const sent = await api.post({ ...formDataBodySerializer, url: "/form", body: { file: file() }, headers });
  return [people.data, sent.data];
}

/** A service with one method, as a generated file would have it: from a JSON object to a JSON object. */
function serviceOf(name) {
  const type = ".google.protobuf.Struct";
  const method = create(wkt.MethodDescriptorProtoSchema, { name, inputType: type, outputType: type });
  const { proto } = wkt.file_google_protobuf_struct;
  const service = create(wkt.ServiceDescriptorProtoSchema, { name: "Service", method: [method] });
  const file = create(wkt.FileDescriptorProtoSchema, {
    name: "clients.proto",
    package: "clients",
    syntax: "proto3",
    dependency: [proto.name],
    service: [service],
  });
  const set = create(wkt.FileDescriptorSetSchema, { file: [proto, file] });
  return createFileRegistry(set).getService("clients.Service");
}
