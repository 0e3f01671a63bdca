// Every public name of the package, as a page takes it.
import {
  type Activity,
  BridgeError,
  BridgeEventSource,
  type BridgeEventSourceInit,
  BridgeWebSocket,
  type BridgeWebSocketInit,
  connectPage,
  type ErrorCode,
  type Exit,
  events,
  type FetchInit,
  fetch,
  jsonLines,
  logs,
  type OnStatusOptions,
  type OutputLine,
  type OutputStream,
  onStatus,
  type Problem,
  Request,
  restart,
  type ServerEvent,
  type State,
  type Status,
  serveWorker,
  setBrowserBase,
  sidecarUrl,
  start,
  status,
  stop,
  type UnlistenFn,
  waitReady,
} from "tauri-plugin-sidecar-bridge-api";

interface Row {
  name: string;
}

export async function rows(init: FetchInit): Promise<Row[]> {
  const found: Row[] = [];
  try {
    const response: Response = await fetch(new Request("/rows"), { ...init, sidecar: "python", waitMs: 100 });
    for await (const row of jsonLines<Row>(response)) found.push(row);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    const problem: Problem = error.problem;
    const code: ErrorCode = error.code;
    console.warn(problem.detail, code);
  }
  return found;
}

export async function stream(init: FetchInit): Promise<string[]> {
  const names: string[] = [];
  const read = (data: string): Row => ({ name: data });
  for await (const event of events(await fetch("/chat", { ...init, method: "POST" }), read)) {
    const { data, type }: ServerEvent<Row> = event;
    names.push(data.name, type);
  }
  return names;
}

export async function follow(options: OnStatusOptions): Promise<UnlistenFn> {
  const stopFollowing: UnlistenFn = await onStatus(({ state }: Status) => show(state), options);
  await waitReady({ signal: AbortSignal.timeout(1_000) });
  return stopFollowing;
}

export function show(state: State): Activity | Exit | number | null {
  if (state.phase === "starting") return state.activity;
  if (state.phase === "failed" || state.phase === "restarting") return state.exit;
  return "pid" in state ? state.pid : null;
}

export async function lines(stream: OutputStream): Promise<OutputLine[]> {
  for (const order of [start, stop, restart]) await order("python");
  const { sidecar }: Status = await status();
  return (await logs(sidecar)).filter((line) => line.stream === stream);
}

export function listen(events: BridgeEventSourceInit, messages: BridgeWebSocketInit): void {
  const source: EventSource = new BridgeEventSource("/progress", events);
  source.addEventListener("step", ({ data }) => console.log(data));
  const socket: WebSocket = new BridgeWebSocket("/chat", ["v1"], messages);
  socket.onopen = () => socket.send(new Uint8Array(1));
}

export function mistakes(): void {
  // @ts-expect-error: a sidecar has a name, so the declarations were read, and this is not `any`.
  void fetch("/rows", { sidecar: 1 });
  // @ts-expect-error: `undefined` is not the same as leaving it out.
  void fetch("/rows", { sidecar: undefined });
}

export async function picture(image: HTMLImageElement): Promise<void> {
  setBrowserBase("http://127.0.0.1:1430");
  image.src = await sidecarUrl("/plots/today.png");
}

export async function serve(worker: Worker, shared: SharedWorker): Promise<() => void> {
  await connectPage(shared.port);
  const stops = [serveWorker(worker), serveWorker(shared.port)];
  return () => {
    for (const stopServing of stops) stopServing();
  };
}
