import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { type Api, createApi } from "@/api/client";
import { createQueryClient } from "@/api/query-client";
import { AppContext } from "@/app/context";
import { type AppRouter, createAppRouter } from "@/app/router";
import { ThemeProvider } from "@/app/theme";
import { Toaster } from "@/components/ui/sonner";
import { Session } from "@/session/session";
import { RefetchAfterRestart } from "@/sidecar/refetch";

/** The parts that the page is made of; a test makes its own. */
export interface AppParts {
  api: Api;
  session: Session;
  queryClient: QueryClient;
  router: AppRouter;
}

/** Makes the parts, and connects them: when the session changes, each route is judged again. */
export async function createApp(history?: RouterHistory): Promise<AppParts> {
  const session = new Session();
  await session.load();
  const queryClient = createQueryClient();
  const router = createAppRouter(session, history);
  session.subscribe(() => {
    if (session.state.token !== null) forgetOthers(queryClient);
    void router.invalidate();
  });
  return { api: createApi(session), session, queryClient, router };
}

/** Nobody sees what was fetched for somebody else. */
function forgetOthers(queryClient: QueryClient): void {
  queryClient.removeQueries({ type: "inactive" });
  void queryClient.invalidateQueries();
}

export function App({ app }: { app: AppParts }) {
  return (
    <AppContext value={app}>
      <QueryClientProvider client={app.queryClient}>
        <ThemeProvider>
          <RefetchAfterRestart />
          <RouterProvider router={app.router} />
          <Toaster position="bottom-right" />
        </ThemeProvider>
      </QueryClientProvider>
    </AppContext>
  );
}
