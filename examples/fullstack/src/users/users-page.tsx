import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useId, useState } from "react";
import { LoadError } from "@/app/load-error";
import { Page } from "@/app/page";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useMe } from "@/session/me";
import { DeleteUser } from "@/users/delete-user";
import { Pagination } from "@/users/pagination";
import { type User, useUsers } from "@/users/queries";
import { PAGE_SIZE, type UserSearch } from "@/users/search";
import { UserDialog } from "@/users/user-dialog";
import { UserSearchInput } from "@/users/user-search-input";
import { UserTable } from "@/users/user-table";

const route = getRouteApi("/shell/users");

/** What is open over the table. */
type Open = { kind: "none" } | { kind: "create" } | { kind: "edit" | "delete"; user: User };

export function UsersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const users = useUsers(search);
  const [open, setOpen] = useState<Open>({ kind: "none" });
  const me = useMe();
  const mayChange = me.data?.role === "admin";
  const reason = useId();

  const show = (change: Partial<UserSearch>) => {
    void navigate({ search: (current) => ({ ...current, page: 1, ...change }), replace: true });
  };
  const close = () => setOpen({ kind: "none" });

  return (
    <Page
      title="Users"
      description="Who can log in, and what they may do."
      actions={
        <Button
          onClick={() => setOpen({ kind: "create" })}
          disabled={!mayChange}
          aria-describedby={mayChange ? undefined : reason}
        >
          <Plus aria-hidden="true" /> New user
        </Button>
      }
    >
      {me.data && !mayChange && (
        <p id={reason} className="text-sm text-muted-foreground">
          You are a member; only an admin can change users.
        </p>
      )}
      <UserSearchInput value={search.search} onChange={(text) => show({ search: text })} />
      {users.error && <LoadError what="the users" error={users.error} retry={() => void users.refetch()} />}
      {!users.error && (
        <Card className="gap-0 overflow-hidden py-0">
          <UserTable
            users={users.data?.items}
            search={search}
            onSort={(sort, order) => show({ sort, order })}
            onEdit={mayChange ? (user) => setOpen({ kind: "edit", user }) : null}
            onDelete={mayChange ? (user) => setOpen({ kind: "delete", user }) : null}
          />
          <Pagination
            page={search.page}
            pages={Math.max(1, Math.ceil((users.data?.total ?? 0) / PAGE_SIZE))}
            total={users.data?.total}
            onPage={(page) => show({ page })}
          />
        </Card>
      )}
      {(open.kind === "create" || open.kind === "edit") && (
        <UserDialog user={open.kind === "edit" ? open.user : null} onClose={close} />
      )}
      {open.kind === "delete" && <DeleteUser user={open.user} onClose={close} />}
    </Page>
  );
}
