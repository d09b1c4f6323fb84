// What is refused beyond what the compiler refuses; any warning fails.
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "e2e/out"] },
  eslint.configs.recommended,
  tseslint.configs.strict,
  {
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-eval": "error",
      "max-lines": ["error", { max: 500 }],
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-control-regex": "off", // we name control characters to refuse them
      "no-undef": "off", // the compiler knows better
    },
  },
  { files: ["e2e/**"], rules: { "no-console": "off" } },
  {
    // The core computes: no page, no network, no storage, no clock, no randomness.
    files: ["src/core/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        "window", "document", "fetch", "indexedDB", "localStorage", "navigator", "location", "crypto", "performance",
        "setTimeout", "setInterval",
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now" },
        { object: "Math", property: "random" },
      ],
      "no-restricted-imports": ["error", { patterns: ["**/client/**", "**/vault/**", "**/app/**"] }],
    },
  },
  { files: ["src/client/**"], rules: { "no-restricted-imports": ["error", { patterns: ["**/vault/**", "**/app/**"] }] } },
  { files: ["src/vault/**"], rules: { "no-restricted-imports": ["error", { patterns: ["**/app/**"] }] } },
);
