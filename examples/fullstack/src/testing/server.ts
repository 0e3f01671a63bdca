import { type EventStream, eventStream, type Route } from "tauri-plugin-sidecar-bridge-api/testing";
import type { Import } from "@/imports/imports";
import type { Month } from "@/orders/queries";
import type { User } from "@/users/queries";

export const TOKEN = "token-of-ada";

/** What the FastAPI app of a test knows. A test changes it as it likes, also while the page runs. */
export interface Server {
  needsSetup: boolean;
  password: string;
  users: User[];
  imports: Import[];
  /** Tells the page of these imports. */
  tell: () => void;
  months: Month[];
  routes: Record<string, Route>;
}

export function createServer(): Server {
  const streams = new Set<EventStream>();
  const tellAll = ({ send }: EventStream) =>
    send({ ids: server.imports.map(({ id }) => id), jobs: server.imports });
  const server: Server = {
    needsSetup: false,
    password: "correct horse",
    users: someUsers(),
    imports: [anImport()],
    tell: () => streams.forEach(tellAll),
    months: someMonths(),
    routes: {},
  };
  server.routes = { ...accountRoutes(server), ...userRoutes(server), ...workRoutes(server) };
  server.routes["GET /api/v1/jobs/events"] = own(() => {
    const stream = eventStream();
    streams.add(stream);
    tellAll(stream);
    return stream.response;
  });
  return server;
}

export function refuse(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return Response.json({ detail }, { status, headers });
}

export function aUser(id: number, name: string, rest: Partial<User> = {}): User {
  const email = `${name.toLowerCase().replace(" ", ".")}@example.com`;
  const created_at = `2026-0${(id % 9) + 1}-15T09:30:00Z`;
  return { id, name, email, role: "member", active: true, created_at, picture: null, ...rest };
}

export function anImport(rest: Partial<Import> = {}): Import {
  return {
    id: "first",
    name: "import_orders",
    label: "orders-2026.csv",
    queue: "default",
    priority: 0,
    state: "done",
    attempt: 1,
    progress: { fraction: 1, stage: "", current: null, total: null, restMs: 0 },
    submittedAt: "2026-11-24T08:12:00Z",
    startedAt: "2026-11-24T08:12:00Z",
    endedAt: "2026-11-24T08:12:09Z",
    result: { rows: 48_210 },
    failure: null,
    ...rest,
  };
}

/** Twelve, so that there are two pages. */
function someUsers(): User[] {
  const names = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov"];
  names.push("Donald Knuth", "Radia Perlman", "Ken Thompson", "Frances Allen", "Tony Hoare");
  names.push("Margaret Hamilton", "John Backus");
  return names.map((name, n) =>
    aUser(n + 1, name, n === 0 ? { role: "admin" } : n === 7 ? { active: false } : {}),
  );
}

function someMonths(): Month[] {
  const revenue = [41_230, 38_770, 52_110, 49_950, 61_400, 58_230, 66_910, 63_020, 71_480, 78_350, 84_200];
  return revenue.map((euros, n) => ({
    month: `2026-${String(n + 1).padStart(2, "0")}`,
    orders: Math.round(euros / 11),
    revenue_cents: euros * 100,
  }));
}

/** A route for those who have logged in. */
function own(route: Route): Route {
  return (request, params) =>
    request.headers.get("authorization") === `Bearer ${TOKEN}`
      ? route(request, params)
      : refuse(401, "the session has expired; log in again");
}

function accountRoutes(server: Server): Record<string, Route> {
  const login = () =>
    Response.json({ token: TOKEN, expires_at: "2026-11-25T20:00:00Z", user: server.users[0] });
  return {
    "GET /api/v1/health": () => Response.json({ status: "healthy", database: "ok" }),
    "GET /api/v1/auth/state": () => Response.json({ needs_setup: server.needsSetup }),
    async "POST /api/v1/auth/setup"(request) {
      const { name, email } = await request.json();
      server.users = [aUser(1, name, { email, role: "admin" })];
      server.needsSetup = false;
      return login();
    },
    async "POST /api/v1/auth/login"(request) {
      const { password } = await request.json();
      return password === server.password ? login() : refuse(401, "wrong email or password");
    },
    "GET /api/v1/auth/me": own(() => Response.json(server.users[0])),
    "POST /api/v1/auth/logout": own(() => new Response(null, { status: 204 })),
  };
}

function userRoutes(server: Server): Record<string, Route> {
  return {
    "GET /api/v1/users/": own((request) =>
      Response.json(pageOf(server.users, new URL(request.url).searchParams)),
    ),
    "POST /api/v1/users/": own(async (request) => {
      const body = await request.json();
      const taken = server.users.some(({ email }) => email === body.email);
      if (taken) return refuse(409, `there is a user with ${body.email} already; use another email`);
      const user = aUser(server.users.length + 1, body.name, { ...body, password: undefined });
      server.users.push(user);
      return Response.json(user, { status: 201 });
    }),
    "PATCH /api/v1/users/{id}": own(async (request, { id }) => {
      const body = await request.json();
      const user = server.users.find((one) => String(one.id) === id);
      return user ? Response.json(Object.assign(user, body)) : refuse(404, `there is no user ${id}`);
    }),
    "PUT /api/v1/users/{id}/picture": own(async (request, { id }) => {
      const file = /name="file"; filename="(.*?)"/.exec(await request.text())?.[1];
      const user = server.users.find((one) => String(one.id) === id);
      if (!user) return refuse(404, `there is no user ${id}`);
      if (!file?.endsWith(".png")) return refuse(422, `${file} is no picture; choose a PNG file`);
      return Response.json(Object.assign(user, { picture: `name-of-${file}` }));
    }),
    "DELETE /api/v1/users/{id}/picture": own((_, { id }) => {
      const user = server.users.find((one) => String(one.id) === id);
      return user
        ? Response.json(Object.assign(user, { picture: null }))
        : refuse(404, `there is no user ${id}`);
    }),
    "DELETE /api/v1/users/{id}": own((_, { id }) => {
      if (id === "1")
        return refuse(409, "Ada Lovelace is the last active admin; make somebody else an admin first");
      server.users = server.users.filter((one) => String(one.id) !== id);
      return new Response(null, { status: 204 });
    }),
  };
}

function pageOf(users: User[], query: URLSearchParams) {
  const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("size") ?? 20)];
  const sort = (query.get("sort") ?? "name") as keyof User;
  const wanted = (query.get("search") ?? "").toLowerCase();
  const found = users.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
  found.sort((a, b) => String(a[sort]).localeCompare(String(b[sort])));
  if (query.get("order") === "desc") found.reverse();
  return { items: found.slice((page - 1) * size, page * size), total: found.length, page, size };
}

function workRoutes(server: Server): Record<string, Route> {
  return {
    "GET /api/v1/orders/summary": own(() =>
      Response.json({
        months: server.months,
        total_orders: server.months.reduce((sum, { orders }) => sum + orders, 0),
        total_revenue_cents: server.months.reduce((sum, { revenue_cents }) => sum + revenue_cents, 0),
      }),
    ),
    "POST /api/v1/window": own(() => Response.json({ status: "success", message: "Window maximized" })),
    "POST /api/v1/windows/report": own(() => Response.json({ status: "success", message: "Report opened" })),
    "POST /api/v1/diagnostics/host": own(() => Response.json({ ms: 0.12 })),
    "POST /api/v1/diagnostics/crash": own(() => Response.json(null, { status: 202 })),
  };
}
