import { skipToken, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { mediaUrl } from "tauri-plugin-sidecar-bridge-api";
import { cn } from "@/lib/cn";
import type { User } from "@/users/queries";

interface UserPictureProps {
  user: User;
  className?: string;
}

/** The picture of a user, which the webview gets from the sidecar without this page; the initials where there is none. */
export function UserPicture({ user: { name, picture }, className }: UserPictureProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const url = useQuery({
    queryKey: ["picture", picture],
    queryFn: picture === null ? skipToken : () => mediaUrl(`/api/v1/pictures/${picture}`),
    // The URL is good for as long as this page.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const shape = cn("size-7 shrink-0 rounded-full bg-muted", className);
  // The name stands beside it.
  if (url.data !== undefined && broken !== picture) {
    return (
      <img src={url.data} alt="" className={cn(shape, "object-cover")} onError={() => setBroken(picture)} />
    );
  }
  return (
    <span aria-hidden="true" className={cn(shape, "grid place-items-center text-xs text-muted-foreground")}>
      {initialsOf(name)}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.split(" ").filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("");
}
