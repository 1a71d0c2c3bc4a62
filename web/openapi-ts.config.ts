import { defineConfig } from "@hey-api/openapi-ts";

/** The client is made anew before each build, so it cannot drift from the server's document. */
export default defineConfig({
  input: "../docs/ui-openapi.json",
  output: { path: "src/client", clean: true },
  logs: { level: "warn" },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
});
