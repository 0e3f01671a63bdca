import { useEffect, useState } from "react";

/** Seconds that are left, and a function that starts the count. */
export function useCountdown(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(() => Date.now());
  const leftS = Math.max(0, Math.ceil((until - now) / 1000));

  useEffect(() => {
    if (leftS === 0) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [leftS]);

  const start = (seconds: number) => {
    setNow(Date.now());
    setUntil(Date.now() + seconds * 1000);
  };
  return [leftS, start];
}
