import { useMutation } from "@tanstack/react-query";
import { ExternalLink, Maximize2 } from "lucide-react";
import { toast } from "sonner";
import { answer } from "@/api/client";
import { asSentence } from "@/api/failure";
import { useApi } from "@/app/context";
import { Button } from "@/components/ui/button";
import { isDesktop } from "@/desktop/native";

/** What FastAPI does with the app's windows, through the host; `reason` says why it cannot. */
export function WindowActions({ reason }: { reason: string }) {
  const api = useApi();
  const tell = { onSuccess: ({ message }: { message: string }) => toast.success(asSentence(message)) };
  const toggle = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/window", { body: { action: "toggle" } })),
    ...tell,
  });
  const report = useMutation({ mutationFn: () => answer(api.POST("/api/v1/windows/report")), ...tell });
  const native = isDesktop();
  const state = { disabled: !native, "aria-describedby": native ? undefined : reason };
  return (
    <>
      <Button variant="outline" {...state} onClick={() => report.mutate()}>
        <ExternalLink aria-hidden="true" /> Open report
      </Button>
      <Button variant="outline" {...state} onClick={() => toggle.mutate()}>
        <Maximize2 aria-hidden="true" /> Toggle window
      </Button>
    </>
  );
}
