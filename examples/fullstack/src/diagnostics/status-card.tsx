import { useMutation } from "@tanstack/react-query";
import { Bomb, RotateCcw } from "lucide-react";
import { type ReactNode, useId } from "react";
import { toast } from "sonner";
import { restart, type State, type Status } from "tauri-plugin-sidecar-bridge-api";
import { useSidecar } from "tauri-plugin-sidecar-bridge-api/react";
import { answer } from "@/api/client";
import { asSentence } from "@/api/failure";
import { useApi } from "@/app/context";
import { Badge, type BadgeVariant } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardAction, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { isDesktop, NEEDS_DESKTOP } from "@/desktop/native";

const LOOKS: Record<State["phase"], BadgeVariant> = {
  starting: "warning",
  ready: "success",
  unresponsive: "destructive",
  restarting: "warning",
  stopping: "warning",
  stopped: "secondary",
  failed: "destructive",
};

/** How the server is, and how to end its present life. */
export function StatusCard() {
  const { status } = useSidecar();
  return (
    <Card>
      <CardHeader>
        <CardTitle>Server</CardTitle>
        <CardDescription>The Python process behind this page</CardDescription>
        <CardAction className="flex gap-2">
          <Restart />
          <Crash />
        </CardAction>
      </CardHeader>
      <CardContent>{status ? <Facts status={status} /> : <Unknown />}</CardContent>
    </Card>
  );
}

function Facts({ status }: { status: Status }) {
  const { state, generation, warning } = status;
  return (
    <>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Fact label="Phase">
          <Badge variant={LOOKS[state.phase]}>{state.phase}</Badge>
        </Fact>
        <Fact label="Generation">{generation}</Fact>
        <Fact label="Restarts">{generation - 1}</Fact>
        <Fact label="Process id">{"pid" in state && state.pid !== null ? state.pid : "–"}</Fact>
      </dl>
      {warning !== null && <p className="mt-4 text-sm text-warning">{asSentence(warning)}</p>}
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted-foreground">{label}</dt>
      <dd className="mt-1 font-medium tabular-nums">{children}</dd>
    </div>
  );
}

function Unknown() {
  return (
    <p className="text-sm text-muted-foreground">
      {isDesktop() ? "The status is not known yet." : NEEDS_DESKTOP}
    </p>
  );
}

function Restart() {
  const again = useMutation({
    mutationFn: () => restart(),
    onSuccess: () => toast.success("The server was restarted."),
  });
  const reason = useId();
  const native = isDesktop();
  return (
    <>
      <Button
        variant="outline"
        size="sm"
        disabled={!native || again.isPending}
        aria-describedby={native ? undefined : reason}
        onClick={() => again.mutate()}
      >
        <RotateCcw aria-hidden="true" /> Restart
      </Button>
      {!native && (
        <span id={reason} className="sr-only">
          {NEEDS_DESKTOP}
        </span>
      )}
    </>
  );
}

function Crash() {
  const api = useApi();
  const crash = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/diagnostics/crash")),
    onSuccess: () => toast.info("The server falls over in a moment."),
  });
  return (
    <Button variant="destructive" size="sm" disabled={crash.isPending} onClick={() => crash.mutate()}>
      <Bomb aria-hidden="true" /> Crash
    </Button>
  );
}
