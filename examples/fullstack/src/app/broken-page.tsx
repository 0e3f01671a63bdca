import type { ErrorComponentProps } from "@tanstack/react-router";
import { sentenceOf } from "@/api/failure";
import { Message } from "@/app/message";
import { Button } from "@/components/ui/button";

export function BrokenPage({ error, reset }: ErrorComponentProps) {
  return (
    <Message title="This page has failed" detail={sentenceOf(error)} fills={false}>
      <Button onClick={reset}>Try again</Button>
    </Message>
  );
}
