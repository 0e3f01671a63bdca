import { type ReactNode, useEffect } from "react";

interface PageProps {
  title: string;
  description: string;
  /** What can be done here. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page inside of the shell: its title, also that of the window, and what is below. */
export function Page({ title, description, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Ledger`;
  }, [title]);
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-5 p-5 lg:p-7">
      <header className="flex flex-wrap items-start justify-between gap-3 sm:flex-nowrap">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          <p className="text-sm text-muted-foreground">{description}</p>
        </div>
        {actions && <div className="flex shrink-0 flex-wrap gap-2 pt-1">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
