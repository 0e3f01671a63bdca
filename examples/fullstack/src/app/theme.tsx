import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

/** What a person may choose; `system` follows the desktop. */
export type Theme = "system" | "light" | "dark";

interface ThemeContext {
  theme: Theme;
  /** What is to be seen now. */
  shown: "light" | "dark";
  setTheme: (theme: Theme) => void;
}

const KEY = "ledger.theme";
const Context = createContext<ThemeContext>({ theme: "system", shown: "light", setTheme: () => {} });

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setChosen] = useState(readTheme);
  const dark = useSyncExternalStore(followSystem, isSystemDark);
  const shown = theme === "system" ? (dark ? "dark" : "light") : theme;

  useEffect(() => {
    document.documentElement.classList.toggle("dark", shown === "dark");
  }, [shown]);

  useEffect(() => {
    // The other window has chosen.
    const follow = () => setChosen(readTheme());
    addEventListener("storage", follow);
    return () => removeEventListener("storage", follow);
  }, []);

  const setTheme = (next: Theme) => {
    localStorage.setItem(KEY, next);
    setChosen(next);
  };
  return <Context value={{ theme, shown, setTheme }}>{children}</Context>;
}

export function useTheme(): ThemeContext {
  return useContext(Context);
}

/** Before the first frame, so that a dark page does not begin with a white one. */
export function applyTheme(): void {
  const theme = readTheme();
  const dark = theme === "dark" || (theme === "system" && isSystemDark());
  document.documentElement.classList.toggle("dark", dark);
}

function readTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

const systemDark = () => matchMedia("(prefers-color-scheme: dark)");

function isSystemDark(): boolean {
  return systemDark().matches;
}

function followSystem(changed: () => void): () => void {
  const query = systemDark();
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}
