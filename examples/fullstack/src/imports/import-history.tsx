import { asSentence } from "@/api/failure";
import { countOf, dateTimeOf } from "@/app/format";
import { Card, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { ImportBadge } from "@/imports/import-badge";
import { type Import, messageOf } from "@/imports/imports";

/** How many of the last ones are shown. */
const SHOWN = 20;

/** The imports so far; null while they load. */
export function ImportHistory({ imports }: { imports: readonly Import[] | null }) {
  return (
    <Card className="gap-3 overflow-hidden pb-0">
      <CardHeader>
        <CardTitle>Imports so far</CardTitle>
      </CardHeader>
      <Table aria-label="Imports so far" aria-busy={imports === null}>
        <TableHeader>
          <TableRow className="hover:bg-transparent">
            <TableHead className="pl-5">File</TableHead>
            <TableHead>State</TableHead>
            <TableHead className="text-right">Rows</TableHead>
            <TableHead>Started</TableHead>
            <TableHead className="w-full">Message</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {imports === null && (
            <Note>
              <Skeleton className="h-5" />
            </Note>
          )}
          {imports?.length === 0 && <Note>Nothing was imported yet.</Note>}
          {imports?.slice(0, SHOWN).map((entry) => (
            <ImportRow key={entry.id} entry={entry} />
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

function ImportRow({ entry }: { entry: Import }) {
  const message = messageOf(entry);
  return (
    <TableRow>
      <TableCell className="pl-5 font-medium">{entry.label}</TableCell>
      <TableCell>
        <ImportBadge state={entry.state} />
      </TableCell>
      <TableCell className="text-right tabular-nums">{entry.result && countOf(entry.result.rows)}</TableCell>
      <TableCell>{dateTimeOf(entry.submittedAt)}</TableCell>
      <TableCell className="min-w-48 whitespace-normal text-muted-foreground">
        {message && asSentence(message)}
      </TableCell>
    </TableRow>
  );
}

function Note({ children }: { children: React.ReactNode }) {
  return (
    <TableRow className="hover:bg-transparent">
      <TableCell colSpan={5} className="px-5 py-6 text-muted-foreground">
        {children}
      </TableCell>
    </TableRow>
  );
}
