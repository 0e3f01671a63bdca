import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, Clock } from "lucide-react";
import { useForm } from "react-hook-form";
import { answer } from "@/api/client";
import { Failure, sentenceOf } from "@/api/failure";
import { useApi, useSession, useSessionState } from "@/app/context";
import { TextField } from "@/app/text-field";
import { Alert, AlertDescription } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { CardContent, CardDescription, CardHeader } from "@/components/ui/card";
import { FieldGroup } from "@/components/ui/field";
import { z } from "@/lib/zod";
import { useCountdown } from "@/login/countdown";

const credentials = z.object({
  email: z.email("Enter an email address, such as ada@example.com."),
  password: z.string().min(1, "Enter your password."),
});

type Credentials = z.infer<typeof credentials>;

export function LoginForm() {
  const api = useApi();
  const session = useSession();
  const { expired } = useSessionState();
  const [waitS, wait] = useCountdown();
  const form = useForm<Credentials>({
    resolver: zodResolver(credentials),
    defaultValues: { email: "", password: "" },
  });
  const logIn = useMutation({
    meta: { quiet: true },
    mutationFn: (body: Credentials) => answer(api.POST("/api/v1/auth/login", { body })),
    onSuccess: ({ token }) => session.signIn(token),
    onError(error) {
      form.resetField("password");
      form.setFocus("password");
      if (error instanceof Failure && error.status === 429) wait(error.retryAfterS ?? 60);
    },
  });
  const tooOften = logIn.error instanceof Failure && logIn.error.status === 429;

  return (
    <>
      <CardHeader>
        <h1 className="text-xl font-semibold">Log in</h1>
        <CardDescription>to see your orders</CardDescription>
      </CardHeader>
      <CardContent>
        <form noValidate onSubmit={form.handleSubmit((body) => logIn.mutate(body))}>
          <FieldGroup>
            {expired && logIn.isIdle && (
              <Notice>Your session has expired. Log in again, and go on where you were.</Notice>
            )}
            {logIn.error && !tooOften && <Notice failed>{sentenceOf(logIn.error)}</Notice>}
            {tooOften && waitS > 0 && <TooOften waitS={waitS} />}
            <TextField form={form} name="email" label="Email" type="email" autoComplete="username" />
            <TextField
              form={form}
              name="password"
              label="Password"
              type="password"
              autoComplete="current-password"
            />
            <Button type="submit" disabled={logIn.isPending || waitS > 0}>
              {logIn.isPending ? "Logging in…" : "Log in"}
            </Button>
          </FieldGroup>
        </form>
      </CardContent>
    </>
  );
}

function Notice({ failed = false, children }: { failed?: boolean; children: string }) {
  return (
    <Alert variant={failed ? "destructive" : "warning"}>
      <CircleAlert aria-hidden="true" />
      <AlertDescription>{children}</AlertDescription>
    </Alert>
  );
}

/** The seconds are not read out one by one: only the first sentence is news. */
function TooOften({ waitS }: { waitS: number }) {
  return (
    <Alert variant="destructive">
      <Clock aria-hidden="true" />
      <AlertDescription>
        <p>Too many failed logins.</p>
        <p aria-live="off">You can try again in {waitS} s.</p>
      </AlertDescription>
    </Alert>
  );
}
