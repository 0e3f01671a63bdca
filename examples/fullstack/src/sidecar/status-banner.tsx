import { useMutation } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { type State, start } from "tauri-plugin-sidecar-bridge-api";
import { useSidecar } from "tauri-plugin-sidecar-bridge-api/react";
import { asSentence } from "@/api/failure";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";

/** Says what is up while the sidecar does not serve; nothing while it does. */
export function StatusBanner() {
  const { status } = useSidecar();
  const startAgain = useMutation({ mutationFn: () => start() });
  const text = status === null ? null : textOf(status.state);
  const { phase } = status?.state ?? {};
  const isOver = phase === "failed" || phase === "stopped";
  const Icon = isOver || phase === "unresponsive" ? TriangleAlert : Spinner;
  return (
    <div role="status" aria-label="Server">
      {text !== null && (
        <div className="flex flex-wrap items-center gap-3 border-b border-warning/40 bg-warning/10 px-5 py-2.5 text-sm">
          <Icon className="size-4 text-warning" aria-hidden="true" />
          <p className="min-w-0 flex-1">{text}</p>
          {isOver && (
            <Button size="sm" disabled={startAgain.isPending} onClick={() => startAgain.mutate()}>
              Start it again
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function textOf(state: State): string | null {
  switch (state.phase) {
    case "ready":
      return null;
    case "starting":
      return state.activity === null ? "The server is starting." : activityOf(state.activity);
    case "restarting":
      return "The server is restarting. What you do now waits, and goes on as soon as it is back.";
    case "unresponsive":
      return "The server is busy and does not answer. It goes on by itself, or can be restarted under Diagnostics.";
    case "stopping":
      return "The server is stopping.";
    case "stopped":
      return "The server was stopped.";
    case "failed":
      return `The server does not start: ${asSentence(state.problem.detail)}`;
  }
}

function activityOf({ name, percent }: { name: string; percent: number | null }): string {
  return `The server is starting: ${name}${percent === null ? "" : `, ${percent} %`}.`;
}
