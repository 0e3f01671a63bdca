import { useInsertionEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { BridgeEventSource, type BridgeEventSourceInit } from "../events/eventsource.js";
import type { ServerEvent } from "../events/serverevents.js";
import { Followed } from "./followed.js";

/** Options of {@link useSidecarEvents}. */
export interface SidecarEventsOptions<T> extends BridgeEventSourceInit {
  /** The names of the events that count. Default: `["message"]`, the events without a name. */
  types?: readonly string[];
  /** Makes the item of the `data` of an event. Default: `JSON.parse`; nothing checks then that the item is a `T`. */
  parse?: (data: string) => T;
  /** Is called for each event, also for those between two renders. It may be another function at each render. */
  onEvent?: (event: ServerEvent<T>) => void;
}

/** What a component sees of a stream of events. */
export interface SidecarEvents<T> {
  /** The last event; null before the first. */
  readonly last: ServerEvent<T> | null;
  /** `connecting` also while the source connects again; `closed` when it does not, and without a path. */
  readonly phase: "connecting" | "open" | "closed";
  /** Why the stream is closed for good: what the source or `parse` has said; else null. */
  readonly error: unknown;
}

/**
 * Follows the Server-Sent Events of a path with a {@link BridgeEventSource}, as long as the component is there:
 *
 * ```tsx
 * const { last } = useSidecarEvents<Progress>(`/imports/${id}/progress`);
 * return <progress value={last?.data.fraction} />;
 * ```
 *
 * With another path, other headers or another sidecar the stream begins anew. It begins once in StrictMode, too.
 *
 * @param path The address; null for no stream, such as when the work is over.
 */
export function useSidecarEvents<T = unknown>(
  path: string | URL | null,
  options: SidecarEventsOptions<T> = {},
): SidecarEvents<T> {
  const { types = ["message"], headers, sidecar } = options;
  const latest = useRef(options);
  useInsertionEffect(() => {
    latest.current = options;
  });
  // The same stream for options that say the same, in whatever object of this render.
  const key = JSON.stringify([path, types, [...new Headers(headers)], sidecar]);
  const stream = useMemo(() => streamOf<T>(key, latest), [key]);
  return useSyncExternalStore(stream.subscribe, stream.view, stream.firstView);
}

/** The stream that a key stands for, whose events go to the options of the latest render. */
function streamOf<T>(key: string, latest: { current: SidecarEventsOptions<T> }): Followed<SidecarEvents<T>> {
  const [path, types, headers, sidecar]: [string | null, string[], [string, string][], string | null] =
    JSON.parse(key);
  if (path === null) return new Followed({ last: null, phase: "closed", error: null }, () => () => {});
  const first: SidecarEvents<T> = { last: null, phase: "connecting", error: null };
  return new Followed(first, (show) => {
    let seen = first;
    const change = (part: Partial<SidecarEvents<T>>) => {
      seen = { ...seen, ...part };
      show(seen);
    };
    const source = new BridgeEventSource(path, { headers, ...(sidecar !== null && { sidecar }) });
    source.onopen = () => change({ phase: "open" });
    source.onerror = (event) => {
      const isOver = source.readyState === BridgeEventSource.CLOSED;
      const { error = null } = event as Partial<ErrorEvent>;
      change(isOver ? { phase: "closed", error } : { phase: "connecting" });
    };
    const take = ({ type, data, lastEventId }: MessageEvent<string>) => {
      const { parse = JSON.parse, onEvent } = latest.current;
      let last: ServerEvent<T>;
      try {
        last = { type, data: parse(data), lastEventId };
      } catch (error) {
        source.close();
        change({ phase: "closed", error });
        return;
      }
      change({ last });
      onEvent?.(last);
    };
    for (const type of new Set(types)) source.addEventListener(type, take);
    return () => source.close();
  });
}
