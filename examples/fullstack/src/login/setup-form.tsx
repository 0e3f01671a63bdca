import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useForm } from "react-hook-form";
import { answer } from "@/api/client";
import { Failure, sentenceOf } from "@/api/failure";
import { useApi, useSession } from "@/app/context";
import { TextField } from "@/app/text-field";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { CardContent, CardDescription, CardHeader } from "@/components/ui/card";
import { FieldGroup } from "@/components/ui/field";
import { z } from "@/lib/zod";
import { email, name, newPassword } from "@/users/rules";

const account = z
  .object({ name, email, password: newPassword, again: z.string() })
  .refine(({ password, again }) => password === again, {
    path: ["again"],
    message: "The two passwords differ; type the same one twice.",
  });

type Account = z.infer<typeof account>;

/** Creates the first account, and logs it in. */
export function SetupForm() {
  const api = useApi();
  const session = useSession();
  const queryClient = useQueryClient();
  const form = useForm<Account>({
    resolver: zodResolver(account),
    defaultValues: { name: "", email: "", password: "", again: "" },
  });
  const setUp = useMutation({
    meta: { quiet: true },
    mutationFn: ({ again: _, ...body }: Account) => answer(api.POST("/api/v1/auth/setup", { body })),
    onSuccess: ({ token }) => session.signIn(token),
    onError(error) {
      // Somebody else, in another window, was faster: there is an account to log in with.
      if (error instanceof Failure && error.status === 409) {
        void queryClient.invalidateQueries({ queryKey: ["auth-state"] });
      }
    },
  });
  return (
    <>
      <CardHeader>
        <h1 className="text-xl font-semibold">Welcome</h1>
        <CardDescription>Create the first account. It is an admin, and can add others.</CardDescription>
      </CardHeader>
      <CardContent>
        <form noValidate onSubmit={form.handleSubmit((body) => setUp.mutate(body))}>
          <FieldGroup>
            {setUp.error && (
              <Alert variant="destructive">
                <CircleAlert aria-hidden="true" />
                <AlertDescription>{sentenceOf(setUp.error)}</AlertDescription>
              </Alert>
            )}
            <TextField form={form} name="name" label="Name" autoComplete="name" />
            <TextField form={form} name="email" label="Email" type="email" autoComplete="username" />
            <TextField
              form={form}
              name="password"
              label="Password"
              type="password"
              autoComplete="new-password"
              hint="At least 8 characters"
            />
            <TextField
              form={form}
              name="again"
              label="Repeat password"
              type="password"
              autoComplete="new-password"
            />
            <Button type="submit" disabled={setUp.isPending}>
              {setUp.isPending ? "Creating…" : "Create account"}
            </Button>
          </FieldGroup>
        </form>
      </CardContent>
    </>
  );
}
