import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface MessageProps {
  title: string;
  detail: string;
  /** Whether it fills the window; otherwise it is a part of a page. */
  fills?: boolean;
  children?: ReactNode;
}

/** In place of a page: a message, and what can be done about it. */
export function Message({ title, detail, fills = true, children }: MessageProps) {
  const Box = fills ? "main" : "div";
  return (
    <Box
      className={cn(
        "flex flex-col items-center justify-center gap-4 p-6 text-center",
        fills ? "min-h-screen" : "min-h-[70vh]",
      )}
    >
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="max-w-md text-muted-foreground">{detail}</p>
      {children}
    </Box>
  );
}
