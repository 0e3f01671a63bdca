import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { sentenceOf } from "@/api/failure";
import { App, createApp } from "@/app/app";
import { Message } from "@/app/message";
import { applyTheme } from "@/app/theme";
import { isDesktop } from "@/desktop/native";
import { shareConsole } from "@/diagnostics/console";
import "@/index.css";

applyTheme();
if (isDesktop()) shareConsole();
console.info(`a window opens at ${location.pathname}`);
const root = createRoot(document.getElementById("root") as HTMLElement);
try {
  const app = await createApp();
  root.render(
    <StrictMode>
      <App app={app} />
    </StrictMode>,
  );
} catch (error) {
  // Such as a capability that lacks a command: better said than a blank window.
  root.render(<Message title="Ledger cannot start" detail={sentenceOf(error)} />);
}
