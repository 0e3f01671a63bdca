/** The statuses that lead elsewhere (Fetch Standard, "redirect status"). */
export const REDIRECTS = [301, 302, 303, 307, 308];
