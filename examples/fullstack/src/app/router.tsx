import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { BrokenPage } from "@/app/broken-page";
import { MissingPage } from "@/app/missing-page";
import { Shell } from "@/app/shell";
import { z } from "@/lib/zod";
import { LoginPage } from "@/login/login-page";
import type { Session } from "@/session/session";
import { userSearch } from "@/users/search";

const root = createRootRouteWithContext<{ session: Session }>()({
  component: Outlet,
  notFoundComponent: MissingPage,
});

/** Only a path of this app: what comes in an address shall lead nobody elsewhere. */
const loginSearch = z.object({
  back: z
    .string()
    .regex(/^\/(?!\/)/)
    .optional()
    .catch(undefined),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: loginSearch,
  component: LoginPage,
  beforeLoad({ context, search }) {
    if (context.session.state.token !== null) throw redirect({ href: search.back ?? "/", replace: true });
  },
});

/** All that only people see who have logged in. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad({ context, location }) {
    if (context.session.state.token !== null) return;
    throw redirect({ to: "/login", search: { back: location.href }, replace: true });
  },
});

const dashboard = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("@/dashboard/dashboard-page"), "DashboardPage"),
});

const users = createRoute({
  getParentRoute: () => shell,
  path: "/users",
  validateSearch: userSearch,
  component: lazyRouteComponent(() => import("@/users/users-page"), "UsersPage"),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: "/import",
  component: lazyRouteComponent(() => import("@/imports/import-page"), "ImportPage"),
});

const diagnostics = createRoute({
  getParentRoute: () => shell,
  path: "/diagnostics",
  component: lazyRouteComponent(() => import("@/diagnostics/diagnostics-page"), "DiagnosticsPage"),
});

/** The second window. It has no login of its own: it waits for that of the first one. */
const report = createRoute({
  getParentRoute: () => root,
  path: "/report",
  component: lazyRouteComponent(() => import("@/report/report-page"), "ReportPage"),
});

const routeTree = root.addChildren([
  login,
  shell.addChildren([dashboard, users, imports, diagnostics]),
  report,
]);

export function createAppRouter(session: Session, history?: RouterHistory) {
  return createRouter({
    routeTree,
    context: { session },
    defaultErrorComponent: BrokenPage,
    ...(history && { history }),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
