import { useMutation } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { Activity, FileUp, LayoutDashboard, LogOut, Users } from "lucide-react";
import { useApi, useSession } from "@/app/context";
import { Logo } from "@/app/logo";
import { ThemeSwitch } from "@/app/theme-switch";
import { Button } from "@/components/ui/button";
import { useFreshOrders } from "@/imports/imports";
import { useMe } from "@/session/me";
import { StatusBanner } from "@/sidecar/status-banner";

const PAGES = [
  { to: "/", label: "Dashboard", Icon: LayoutDashboard },
  { to: "/users", label: "Users", Icon: Users },
  { to: "/import", label: "Import", Icon: FileUp },
  { to: "/diagnostics", label: "Diagnostics", Icon: Activity },
] as const;

/** What is around each page: navigation, who is logged in, and how the sidecar is. */
export function Shell() {
  useFreshOrders();
  return (
    <div className="flex min-h-screen flex-col lg:flex-row">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-primary-foreground focus:not-sr-only focus:absolute focus:m-2"
      >
        Skip to content
      </a>
      <aside className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b bg-sidebar p-3 lg:sticky lg:top-0 lg:h-screen lg:w-56 lg:flex-col lg:flex-nowrap lg:items-stretch lg:gap-6 lg:border-r lg:border-b-0 lg:p-4">
        <Logo />
        <Navigation />
        <Account />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <StatusBanner />
        <main id="content" tabIndex={-1} className="flex-1 outline-none">
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Navigation() {
  return (
    <nav aria-label="Pages" className="flex gap-1 lg:flex-1 lg:flex-col">
      {PAGES.map(({ to, label, Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === "/", includeSearch: false }}
          className="flex items-center gap-2.5 rounded-md px-3 py-2 text-sm font-medium text-muted-foreground outline-none transition-colors hover:bg-accent hover:text-accent-foreground focus-visible:ring-[3px] focus-visible:ring-ring/50 aria-[current=page]:bg-accent aria-[current=page]:text-accent-foreground"
        >
          <Icon className="size-4" aria-hidden="true" />
          {label}
        </Link>
      ))}
    </nav>
  );
}

function Account() {
  const api = useApi();
  const session = useSession();
  const me = useMe();
  const logOut = useMutation({
    // The page forgets the token in any case; the server's copy ends with its time if it cannot be told.
    mutationFn: () => api.POST("/api/v1/auth/logout").catch(() => null),
    onSettled: () => session.signOut(),
  });
  return (
    <div className="ml-auto flex items-center gap-1 lg:ml-0 lg:border-t lg:pt-3">
      <div className="hidden min-w-0 flex-1 lg:block">
        <p className="truncate text-sm font-medium">{me.data?.name ?? " "}</p>
        <p className="truncate text-xs text-muted-foreground">{me.data?.email ?? " "}</p>
      </div>
      <ThemeSwitch />
      <Button variant="ghost" size="icon-sm" aria-label="Log out" onClick={() => logOut.mutate()}>
        <LogOut aria-hidden="true" />
      </Button>
    </div>
  );
}
