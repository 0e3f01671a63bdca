import { cn } from "@/lib/cn";

export function Logo({ className }: { className?: string }) {
  return (
    <div className={cn("flex items-center gap-2.5 px-1 font-semibold tracking-tight", className)}>
      <svg viewBox="0 0 32 32" className="size-7" aria-hidden="true">
        <rect width="32" height="32" rx="8" className="fill-primary" />
        <path
          d="M9 23V13m7 10V9m7 14v-7"
          className="stroke-primary-foreground"
          strokeWidth="3.5"
          strokeLinecap="round"
        />
      </svg>
      Ledger
    </div>
  );
}
