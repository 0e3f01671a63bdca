// biome-ignore lint/style/noRestrictedImports: this is the one place
import { z } from "zod";

// Zod tries `new Function` when a schema is made, which the content security policy forbids and the console reports. So
// this has to run before any schema: whoever makes one takes `z` from here.
z.config({ jitless: true });

export { z };
