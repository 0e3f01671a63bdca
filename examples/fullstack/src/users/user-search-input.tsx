import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Input } from "@/components/ui/input";

const PAUSE_MS = 250;

interface UserSearchInputProps {
  value: string;
  onChange: (value: string) => void;
}

/** Searches when nothing was typed for a moment, so that not every letter is a request. */
export function UserSearchInput({ value, onChange }: UserSearchInputProps) {
  const [text, setText] = useState(value);
  // What came by the address, such as by going back, wins over what was typed before.
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }

  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);

  return (
    <div className="relative max-w-sm">
      <Search
        className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted-foreground"
        aria-hidden="true"
      />
      <Input
        type="search"
        aria-label="Search users"
        placeholder="Name or email"
        className="pl-9"
        maxLength={100}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
