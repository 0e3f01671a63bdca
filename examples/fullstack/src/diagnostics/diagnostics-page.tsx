import { Page } from "@/app/page";
import { LogCard } from "@/diagnostics/log-card";
import { RoundTripCard } from "@/diagnostics/round-trip-card";
import { StatusCard } from "@/diagnostics/status-card";

export function DiagnosticsPage() {
  return (
    <Page title="Diagnostics" description="How the parts of this app are, and how fast they talk.">
      <StatusCard />
      <RoundTripCard />
      <LogCard />
    </Page>
  );
}
