import { z } from "@/lib/zod";

export const PAGE_SIZE = 10;

/** What of the users is shown; it is in the address, so it survives a reload and a login. */
export const userSearch = z.object({
  page: z.number().int().min(1).default(1).catch(1),
  sort: z.enum(["name", "email", "role", "active", "created_at"]).default("name").catch("name"),
  order: z.enum(["asc", "desc"]).default("asc").catch("asc"),
  search: z.string().max(100).default("").catch(""),
});

export type UserSearch = z.infer<typeof userSearch>;
