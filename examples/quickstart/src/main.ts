// [snippet: typescript]
import createClient from "openapi-fetch";
import { fetch, onStatus } from "tauri-plugin-sidecar-bridge-api";
import { commands, events } from "./bindings"; // generated from the Rust commands and events
import type { paths } from "./openapi"; // generated from the FastAPI routes

const python = createClient<paths>({ fetch }); // a fetch with no port: any client takes it
onStatus(({ state }) => show("phase", state.phase, state.phase));
events.asked.listen(({ payload }) => show("event", `asked ${payload.count} times`)); // told by Python
// [end]

const question = () => ({ body: { name: at("name").value } });
events.health.listen(({ payload: { status, ms } }) => show("answer", ` · ${status} · ${ms?.toFixed(1)} ms`));
onClick("greet", () => meanOf(20, () => commands.greet(at("name").value)));
onClick("ask", () => meanOf(20, () => answer(python.POST("/ask", question()))));
onClick("maximize", () => answer(python.POST("/api/v1/window")));
onClick("greet-python", () => answer(python.POST("/greet", question())));

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

async function answer<T>(reply: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await reply;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

function show(id: string, text: string, className = "") {
  Object.assign(at(id), { textContent: text, className });
}

function at(id: string): HTMLInputElement {
  return document.getElementById(id) as HTMLInputElement;
}
