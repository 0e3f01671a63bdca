import { zodResolver } from "@hookform/resolvers/zod";
import { CircleAlert } from "lucide-react";
import { useId } from "react";
import { Controller, useForm } from "react-hook-form";
import { toast } from "sonner";
import { sentenceOf } from "@/api/failure";
import { TextField } from "@/app/text-field";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "@/components/ui/dialog";
import { Field, FieldGroup, FieldLabel } from "@/components/ui/field";
import { NativeSelect, NativeSelectOption } from "@/components/ui/native-select";
import { Switch } from "@/components/ui/switch";
import { z } from "@/lib/zod";
import { PictureField } from "@/users/picture-field";
import { type User, type UserChange, useSaveUser } from "@/users/queries";
import { email, name, newPassword } from "@/users/rules";

const fields = z.object({
  name,
  email,
  role: z.enum(["admin", "member"]),
  active: z.boolean(),
  password: newPassword,
});
/** An empty password leaves the one that there is. */
const changes = fields.extend({ password: newPassword.or(z.literal("")) });

type Fields = z.infer<typeof fields>;

/** Creates a user, or changes the one that is given. */
export function UserDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const id = useId();
  const save = useSaveUser(user);
  const form = useForm<Fields>({
    resolver: zodResolver(user === null ? fields : changes),
    defaultValues: { name: "", email: "", role: "member", active: true, ...user, password: "" },
  });
  const submit = (values: Fields) => {
    save.mutate(user === null ? values : changeOf(values), {
      onSuccess(saved) {
        toast.success(user === null ? `${saved.name} was created.` : `${saved.name} was saved.`);
        onClose();
      },
    });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{user === null ? "New user" : `Edit ${user.name}`}</DialogTitle>
          <DialogDescription>Admins can also change users; members read and import.</DialogDescription>
        </DialogHeader>
        <form id={`${id}-form`} noValidate onSubmit={form.handleSubmit(submit)}>
          <FieldGroup>
            {save.error && (
              <Alert variant="destructive">
                <CircleAlert aria-hidden="true" />
                <AlertDescription>{sentenceOf(save.error)}</AlertDescription>
              </Alert>
            )}
            {user !== null && <PictureField user={user} />}
            <TextField form={form} name="name" label="Name" autoComplete="off" />
            <TextField form={form} name="email" label="Email" type="email" autoComplete="off" />
            <Field>
              <FieldLabel htmlFor={`${id}-role`}>Role</FieldLabel>
              <NativeSelect id={`${id}-role`} {...form.register("role")}>
                <NativeSelectOption value="member">Member</NativeSelectOption>
                <NativeSelectOption value="admin">Admin</NativeSelectOption>
              </NativeSelect>
            </Field>
            <TextField
              form={form}
              name="password"
              label="Password"
              type="password"
              autoComplete="new-password"
              hint={user === null ? "At least 8 characters" : "Leave it empty to keep the present one"}
            />
            <Field orientation="horizontal">
              <FieldLabel htmlFor={`${id}-active`}>Active: may log in</FieldLabel>
              <Controller
                control={form.control}
                name="active"
                render={({ field: { value, onChange, ref } }) => (
                  <Switch id={`${id}-active`} ref={ref} checked={value} onCheckedChange={onChange} />
                )}
              />
            </Field>
          </FieldGroup>
        </form>
        <DialogFooter>
          <Button variant="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form={`${id}-form`} disabled={save.isPending}>
            {save.isPending ? "Saving…" : user === null ? "Create user" : "Save changes"}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

function changeOf({ password, ...rest }: Fields): UserChange {
  return password === "" ? rest : { ...rest, password };
}
