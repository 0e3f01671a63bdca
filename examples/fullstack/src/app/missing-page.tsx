import { Link } from "@tanstack/react-router";
import { Message } from "@/app/message";
import { Button } from "@/components/ui/button";

export function MissingPage() {
  return (
    <Message
      title="There is no such page"
      detail="The address leads nowhere; the dashboard has links to all pages."
    >
      <Button asChild>
        <Link to="/">Go to the dashboard</Link>
      </Button>
    </Message>
  );
}
