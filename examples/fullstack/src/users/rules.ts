import { z } from "@/lib/zod";

/** The rules of the server for an account, so that a form can say at once what it would refuse. */
export const name = z.string().trim().min(1, "Enter a name.").max(100, "Use at most 100 characters.");
export const email = z
  .email("Enter an email address, such as ada@example.com.")
  .max(254, "Use at most 254 characters.");
export const newPassword = z
  .string()
  .min(8, "Use at least 8 characters.")
  .max(128, "Use at most 128 characters.");
