// How `npx orval@7.13 --config orval.config.ts`, in this folder, makes `api.ts`.
export default {
  clients: {
    input: "./openapi.json",
    output: {
      target: "./api.ts",
      client: "fetch",
      override: { mutator: { path: "./mutator.ts", name: "ask" } },
    },
  },
};
