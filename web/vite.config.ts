import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.OPENALGO_SERVER ?? "http://127.0.0.1:5000";

/** What the server answers. Some of these paths are also pages: a browser that navigates gets those. */
const SERVER_PATHS =
  "^/(api|ui|ws|auth|settings|sandbox|analyzer|action-center|apikey|setup|search|fonts)(/|$|\\?)";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("src", import.meta.url)),
      // The original writes style elements, which our content security policy refuses.
      "react-remove-scroll": fileURLToPath(
        new URL("src/components/remove-scroll.tsx", import.meta.url),
      ),
    },
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    sourcemap: false,
  },
  server: {
    proxy: {
      [SERVER_PATHS]: {
        target: server,
        ws: true,
        bypass: (request) =>
          request.method === "GET" && request.headers.accept?.includes("text/html")
            ? "/index.html"
            : undefined,
      },
    },
  },
});
