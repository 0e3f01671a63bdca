import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { answer } from "@/api/client";
import { useApi } from "@/app/context";
import { LoadError } from "@/app/load-error";
import { Logo } from "@/app/logo";
import { ThemeSwitch } from "@/app/theme-switch";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { useDevMode } from "@/desktop/dev-mode";
import { LoginForm } from "@/login/login-form";
import { SetupForm } from "@/login/setup-form";
import { StatusBanner } from "@/sidecar/status-banner";

/** Logs in; before there is an account, creates the first one. */
export function LoginPage() {
  const api = useApi();
  const state = useQuery({
    queryKey: ["auth-state"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/state", { signal })),
  });
  useEffect(() => {
    document.title = "Log in · Ledger";
  }, []);
  return (
    <div className="flex min-h-screen flex-col">
      <StatusBanner />
      <main className="flex flex-1 flex-col items-center justify-center gap-6 p-6">
        <Logo className="text-lg" />
        <Card className="w-full max-w-sm py-6">
          {state.isPending && <Loading />}
          {state.error && (
            <div className="px-5">
              <h1 className="sr-only">Log in</h1>
              <LoadError what="the login" error={state.error} retry={() => void state.refetch()} />
            </div>
          )}
          {state.data && (state.data.needs_setup ? <SetupForm /> : <LoginForm />)}
        </Card>
        <footer className="flex items-center gap-2">
          <DevBadge />
          <ThemeSwitch />
        </footer>
      </main>
    </div>
  );
}

function DevBadge() {
  const dev = useDevMode();
  return dev.data ? <Badge variant="warning">Development build</Badge> : null;
}

function Loading() {
  return (
    <div className="flex flex-col gap-4 px-5">
      <h1 className="sr-only">Log in</h1>
      <p className="sr-only" role="status">
        Waiting for the server
      </p>
      <Skeleton className="h-6 w-32" />
      <Skeleton className="h-9" />
      <Skeleton className="h-9" />
    </div>
  );
}
