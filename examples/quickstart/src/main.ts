// [snippet: typescript]
import { fetch, onStatus } from "tauri-plugin-sidecar-bridge-api";
import { commands, events } from "./bindings"; // generated from the Rust commands and events

const greet = () => commands.greet(at("name").value); // asks Rust
const ask = () => fetch("/ask", post({ name: at("name").value })); // asks FastAPI
onStatus(({ state }) => show("phase", state.phase, state.phase));
events.asked.listen(({ payload }) => show("event", `asked ${payload.count} times`)); // told by Python
// [end]

events.health.listen(({ payload: { status, ms } }) => show("answer", ` · ${status} · ${ms?.toFixed(1)} ms`));
onClick("greet", () => meanOf(20, greet));
onClick("ask", () => meanOf(20, () => answer(ask())));
onClick("maximize", () => answer(fetch("/api/v1/window", { method: "POST" })));
onClick("greet-python", () => answer(fetch("/greet", post({ name: at("name").value }))));

/** What a button shows: a message, and the ms that it took. */
type Answer = { message: string; ms: number };

function onClick(button: string, call: () => Promise<Answer>) {
  at(button).addEventListener("click", async () => {
    try {
      const { message, ms } = await call();
      show(`${button}-result`, `${message} (${ms.toFixed(1)} ms)`, "done");
    } catch (error) {
      show(`${button}-result`, error instanceof Error ? error.message : String(error), "refused");
    }
  });
}

/** WebKit's clock ticks once in a millisecond, which is longer than one call takes. */
async function meanOf(calls: number, call: () => Promise<{ message: string }>): Promise<Answer> {
  const start = performance.now();
  for (let n = 1; n < calls; n++) await call();
  const { message } = await call();
  return { message, ms: (performance.now() - start) / calls };
}

async function answer(reply: Promise<Response>): Promise<Answer> {
  const response = await reply;
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

function post(body: unknown): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function show(id: string, text: string, className = "") {
  Object.assign(at(id), { textContent: text, className });
}

function at(id: string): HTMLInputElement {
  return document.getElementById(id) as HTMLInputElement;
}
