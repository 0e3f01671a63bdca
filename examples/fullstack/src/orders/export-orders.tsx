import { useMutation } from "@tanstack/react-query";
import { FileDown, X } from "lucide-react";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { BridgeError, download } from "tauri-plugin-sidecar-bridge-api";
import { sentenceOf } from "@/api/failure";
import { useSession } from "@/app/context";
import { bytesOf } from "@/app/format";
import { Button } from "@/components/ui/button";

/** Saves all orders as a file that the person chooses; no row of them comes to this page. */
export function ExportOrders() {
  const session = useSession();
  const [saved, setSaved] = useState(0);
  const given = useRef(new AbortController());
  const save = useMutation({
    meta: { quiet: true },
    mutationFn: () => {
      const { token } = session.state;
      setSaved(0);
      given.current = new AbortController();
      return download("/api/v1/orders/export.csv", {
        headers: { authorization: `Bearer ${token}` },
        signal: given.current.signal,
        onProgress: ({ bytes }) => setSaved(bytes),
      });
    },
    onSuccess: (path) => {
      if (path !== null) toast.success("The orders are saved.", { description: path });
    },
    onError: (error) => {
      if (given.current.signal.aborted) return;
      const { token } = session.state;
      if (error instanceof BridgeError && error.code === "unauthenticated" && token !== null) {
        void session.expire(token);
      } else toast.error(sentenceOf(error));
    },
  });
  if (save.isPending) {
    return (
      <Button variant="outline" onClick={() => given.current.abort()}>
        <X aria-hidden="true" /> Cancel export ({bytesOf(saved)})
      </Button>
    );
  }
  return (
    <Button variant="outline" onClick={() => save.mutate()}>
      <FileDown aria-hidden="true" /> Export CSV
    </Button>
  );
}
