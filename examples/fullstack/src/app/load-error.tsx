import { CircleAlert } from "lucide-react";
import { Failure, sentenceOf } from "@/api/failure";
import { Alert, AlertDescription, AlertTitle } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";

interface LoadErrorProps {
  /** What could not be loaded, such as "the users". */
  what: string;
  error: unknown;
  retry: () => void;
}

/** In place of what could not be loaded. */
export function LoadError({ what, error, retry }: LoadErrorProps) {
  // The session is over, and the login page is on its way.
  if (error instanceof Failure && error.status === 401) return null;
  return (
    <Alert variant="destructive">
      <CircleAlert aria-hidden="true" />
      <AlertTitle>Could not load {what}</AlertTitle>
      <AlertDescription>
        <p>{sentenceOf(error)}</p>
        <Button variant="outline" size="sm" className="mt-1" onClick={retry}>
          Try again
        </Button>
      </AlertDescription>
    </Alert>
  );
}
