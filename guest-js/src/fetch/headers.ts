let read: [string, string][] | null = null;
// A worker has this event, too; a test's page may have none.
globalThis.addEventListener?.("languagechange", () => {
  read = null;
});

/** The headers with which a browser tells of itself and of its user's languages. */
export function pageHeaders(): [string, string][] {
  read ??= readNavigator();
  return read;
}

function readNavigator(): [string, string][] {
  const { userAgent = "", languages = [] } = globalThis.navigator ?? {};
  const preferred = languages.slice(0, 9).map((name, nth) => (nth === 0 ? name : `${name};q=0.${10 - nth}`));
  const headers: [string, string][] = [
    ["user-agent", userAgent],
    ["accept-language", preferred.join(",")],
  ];
  return headers.filter(([, value]) => value !== "");
}
