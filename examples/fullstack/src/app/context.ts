import { createContext, useContext, useSyncExternalStore } from "react";
import type { Api } from "@/api/client";
import type { Session, SessionState } from "@/session/session";

/** What every part of the page may need. */
export interface AppContext {
  api: Api;
  session: Session;
}

export const AppContext = createContext<AppContext | null>(null);

function useApp(): AppContext {
  const app = useContext(AppContext);
  if (app === null) throw new Error("this component is outside of <App>");
  return app;
}

export function useApi(): Api {
  return useApp().api;
}

export function useSession(): Session {
  return useApp().session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.state);
}
