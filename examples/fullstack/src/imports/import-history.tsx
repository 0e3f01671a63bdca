import { asSentence } from "@/api/failure";
import { bytesOf, countOf, dateTimeOf } from "@/app/format";
import { Card, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import { ImportBadge } from "@/imports/import-badge";
import type { Import } from "@/imports/queries";

/** How many of the last ones are shown. */
const SHOWN = 20;

/** The imports so far; undefined while they load. */
export function ImportHistory({ imports }: { imports: Import[] | undefined }) {
  return (
    <Card className="gap-3 overflow-hidden pb-0">
      <CardHeader>
        <CardTitle>Imports so far</CardTitle>
      </CardHeader>
      <Table aria-label="Imports so far" aria-busy={imports === undefined}>
        <TableHeader>
          <TableRow className="hover:bg-transparent">
            <TableHead className="pl-5">File</TableHead>
            <TableHead>State</TableHead>
            <TableHead className="text-right">Rows</TableHead>
            <TableHead className="text-right max-lg:hidden">Size</TableHead>
            <TableHead>Started</TableHead>
            <TableHead className="w-full">Message</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {imports === undefined && (
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
  return (
    <TableRow>
      <TableCell className="pl-5 font-medium">{entry.file_name}</TableCell>
      <TableCell>
        <ImportBadge state={entry.state} />
      </TableCell>
      <TableCell className="text-right tabular-nums">{countOf(entry.rows)}</TableCell>
      <TableCell className="text-right tabular-nums max-lg:hidden">{bytesOf(entry.bytes_total)}</TableCell>
      <TableCell>{dateTimeOf(entry.started_at)}</TableCell>
      <TableCell className="min-w-48 whitespace-normal text-muted-foreground">
        {entry.message && asSentence(entry.message)}
      </TableCell>
    </TableRow>
  );
}

function Note({ children }: { children: React.ReactNode }) {
  return (
    <TableRow className="hover:bg-transparent">
      <TableCell colSpan={6} className="px-5 py-6 text-muted-foreground">
        {children}
      </TableCell>
    </TableRow>
  );
}
