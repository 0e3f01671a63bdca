import {
  createColumnHelper,
  type Header,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown, Pencil, Trash2 } from "lucide-react";
import { dateOf } from "@/app/format";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/components/ui/table";
import type { User } from "@/users/queries";
import { PAGE_SIZE, type UserSearch } from "@/users/search";
import { UserPicture } from "@/users/user-picture";

const features = tableFeatures({ rowSortingFeature });
const column = createColumnHelper<typeof features, User>();

const columns = column.columns([
  column.accessor("name", {
    header: "Name",
    cell: ({ getValue, row }) => (
      <span className="flex items-center gap-2.5 font-medium">
        <UserPicture user={row.original} />
        {getValue()}
      </span>
    ),
  }),
  column.accessor("email", { header: "Email" }),
  column.accessor("role", {
    header: "Role",
    cell: ({ getValue }) => (
      <Badge variant={getValue() === "admin" ? "default" : "secondary"}>
        {getValue() === "admin" ? "Admin" : "Member"}
      </Badge>
    ),
  }),
  column.accessor("active", {
    header: "Status",
    cell: ({ getValue }) => (
      <Badge variant={getValue() ? "success" : "outline"}>{getValue() ? "Active" : "Inactive"}</Badge>
    ),
  }),
  column.accessor("created_at", { header: "Created", cell: ({ getValue }) => dateOf(getValue()) }),
]);

/** What a small window, such as the app's at first, has no room for. */
const WIDE: Record<string, string> = { created_at: "max-lg:hidden" };

const NONE: User[] = [];

interface UserTableProps {
  /** One page, sorted by the server; undefined while the first one loads. */
  users: User[] | undefined;
  search: UserSearch;
  onSort: (sort: UserSearch["sort"], order: UserSearch["order"]) => void;
  /** Null for somebody who may not. */
  onEdit: ((user: User) => void) | null;
  onDelete: ((user: User) => void) | null;
}

export function UserTable({ users, search, onSort, onEdit, onDelete }: UserTableProps) {
  const sorting: SortingState = [{ id: search.sort, desc: search.order === "desc" }];
  const table = useTable({
    features,
    columns,
    data: users ?? NONE,
    getRowId: ({ id }) => String(id),
    manualSorting: true,
    enableSortingRemoval: false,
    sortDescFirst: false,
    state: { sorting },
    onSortingChange(change) {
      const [next] = typeof change === "function" ? change(sorting) : change;
      if (next) onSort(next.id as UserSearch["sort"], next.desc ? "desc" : "asc");
    },
  });
  return (
    <Table aria-label="Users" aria-busy={users === undefined}>
      <TableHeader>
        {table.getHeaderGroups().map((group) => (
          <TableRow key={group.id} className="hover:bg-transparent">
            {group.headers.map((header) => (
              <SortHead key={header.id} header={header} />
            ))}
            <TableHead>
              <span className="sr-only">Actions</span>
            </TableHead>
          </TableRow>
        ))}
      </TableHeader>
      <TableBody>
        {users === undefined && <LoadingRows />}
        {users?.length === 0 && <EmptyRow search={search.search} />}
        {table.getRowModel().rows.map((row) => (
          <TableRow key={row.id}>
            {row.getAllCells().map((cell) => (
              <TableCell key={cell.id} className={WIDE[cell.column.id]}>
                <table.FlexRender cell={cell} />
              </TableCell>
            ))}
            <TableCell className="py-1 text-right">
              <RowActions user={row.original} onEdit={onEdit} onDelete={onDelete} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function SortHead({ header }: { header: Header<typeof features, User> }) {
  const sorted = header.column.getIsSorted();
  const Icon = sorted === "asc" ? ArrowUp : sorted === "desc" ? ArrowDown : ChevronsUpDown;
  const order = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : "none";
  return (
    <TableHead aria-sort={order} className={WIDE[header.column.id]}>
      <Button
        variant="ghost"
        size="sm"
        className="-ml-2.5 text-xs text-muted-foreground"
        onClick={header.column.getToggleSortingHandler()}
      >
        {String(header.column.columnDef.header)}
        <Icon className="size-3.5" aria-hidden="true" />
      </Button>
    </TableHead>
  );
}

function RowActions({
  user,
  onEdit,
  onDelete,
}: { user: User } & Pick<UserTableProps, "onEdit" | "onDelete">) {
  return (
    <>
      {onEdit && (
        <Button variant="ghost" size="icon-sm" aria-label={`Edit ${user.name}`} onClick={() => onEdit(user)}>
          <Pencil aria-hidden="true" />
        </Button>
      )}
      {onDelete && (
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={`Delete ${user.name}`}
          onClick={() => onDelete(user)}
        >
          <Trash2 aria-hidden="true" />
        </Button>
      )}
    </>
  );
}

function EmptyRow({ search }: { search: string }) {
  return (
    <TableRow className="hover:bg-transparent">
      <TableCell colSpan={columns.length + 1} className="h-32 text-center text-muted-foreground">
        {search === "" ? "No users on this page." : `No user matches “${search}”; try a shorter text.`}
      </TableCell>
    </TableRow>
  );
}

function LoadingRows() {
  return Array.from({ length: PAGE_SIZE }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same, and never move
    <TableRow key={row} className="hover:bg-transparent">
      <TableCell colSpan={columns.length + 1}>
        <Skeleton className="h-5" />
      </TableCell>
    </TableRow>
  ));
}
