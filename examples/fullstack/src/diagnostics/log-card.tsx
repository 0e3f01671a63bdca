import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { logs } from "tauri-plugin-sidecar-bridge-api";
import { sentenceOf } from "@/api/failure";
import { commands } from "@/bindings";
import { Card, CardAction, CardContent, CardDescription, CardHeader, CardTitle } from "@/components/ui/card";
import { Input } from "@/components/ui/input";
import { NativeSelect, NativeSelectOption } from "@/components/ui/native-select";
import { isDesktop, NEEDS_DESKTOP } from "@/desktop/native";
import { allLines, type Level, type LogLine, matching } from "@/diagnostics/levels";
import { LogLines } from "@/diagnostics/log-lines";

const LOOK_AGAIN_MS = 1_000;
const NONE: LogLine[] = [];

/** What the three processes wrote: this page, the host, and the server in all its lives. */
export function LogCard() {
  const [level, setLevel] = useState<Level>("debug");
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search);
  const native = isDesktop();
  const log = useQuery({
    queryKey: ["log"],
    queryFn: async () => allLines(...(await Promise.all([logs(), commands.journal()]))),
    enabled: native,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const all = log.data ?? NONE;
  const shown = useMemo(() => matching(all, level, wanted), [all, level, wanted]);
  const problem = native ? (log.error ? sentenceOf(log.error) : null) : NEEDS_DESKTOP;

  return (
    <Card>
      <CardHeader>
        <CardTitle>Log</CardTitle>
        <CardDescription>
          {shown.length} of {all.length} lines of the page, the host and the server
        </CardDescription>
        <CardAction className="flex gap-2">
          <Input
            type="search"
            aria-label="Search the log"
            placeholder="Search"
            className="w-44"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <NativeSelect
            aria-label="Level"
            value={level}
            onChange={(event) => setLevel(event.target.value as Level)}
          >
            <NativeSelectOption value="debug">All levels</NativeSelectOption>
            <NativeSelectOption value="info">Info and above</NativeSelectOption>
            <NativeSelectOption value="warning">Warnings and above</NativeSelectOption>
            <NativeSelectOption value="error">Errors</NativeSelectOption>
          </NativeSelect>
        </CardAction>
      </CardHeader>
      <CardContent>
        {problem === null ? (
          <LogLines lines={shown} />
        ) : (
          <p className="text-sm text-muted-foreground">{problem}</p>
        )}
      </CardContent>
    </Card>
  );
}
