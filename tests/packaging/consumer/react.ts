// Every public name of the React part.
import { createElement, type ReactElement } from "react";
import {
  type SidecarEvents,
  type SidecarEventsOptions,
  SidecarGate,
  type SidecarGateProps,
  type SidecarView,
  useSidecar,
  useSidecarEvents,
} from "tauri-plugin-sidecar-bridge-api/react";

interface Progress {
  fraction: number;
}

function Bar({ id }: { id: number | null }): ReactElement {
  const { status, serves }: SidecarView = useSidecar("python");
  const options: SidecarEventsOptions<Progress> = {
    types: ["step"],
    headers: { authorization: "Bearer x" },
    onEvent: ({ data }) => console.log(data.fraction),
  };
  const path = id === null ? null : `/imports/${id}`;
  const { last, phase }: SidecarEvents<Progress> = useSidecarEvents<Progress>(path, options);
  return createElement(
    "progress",
    { value: last?.data.fraction, title: status?.state.phase ?? phase },
    `${serves}`,
  );
}

const props: SidecarGateProps = { fallback: (state) => state?.phase };

export const app: ReactElement = createElement(SidecarGate, props, createElement(Bar, { id: 1 }));

export function mistakes(): void {
  // @ts-expect-error: a number is no name of a sidecar.
  useSidecar(1);
  // @ts-expect-error: `parse` makes what the events say.
  useSidecarEvents<Progress>("/", { parse: (data) => data });
}
