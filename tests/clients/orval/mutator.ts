/** What orval's client calls for each request. An app calls `fetch` here; each test gives its own. */
type Ask = (url: string, init: RequestInit) => Promise<unknown>;

export const mutator: { ask: Ask | null } = { ask: null };

export const ask = async <T>(url: string, init: RequestInit): Promise<T> => {
  if (mutator.ask === null) throw new Error("give mutator.ask first");
  return (await mutator.ask(url, init)) as T;
};
