import { isDesktop, NEEDS_DESKTOP } from "@/desktop/native";

/** Says in a plain browser why some buttons do nothing; they point here with `aria-describedby`. */
export function NeedsDesktop({ id }: { id: string }) {
  if (isDesktop()) return null;
  return (
    <p id={id} className="text-sm text-muted-foreground">
      {NEEDS_DESKTOP}
    </p>
  );
}
