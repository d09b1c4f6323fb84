// The one Trusted Types policy of the pages: addresses of their own workers, nothing else.

interface Policy {
  createScriptURL(url: string): string;
}

interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

const rules: Policy = {
  createScriptURL(url) {
    const found = new URL(url, location.href);
    if (found.origin !== location.origin || found.search !== "") throw new TypeError("not a script of these pages");
    return found.href;
  },
};

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy = factory?.createPolicy("postfach-worker", rules) ?? rules;

export function trustedWorker(url: string): Worker {
  return new Worker(policy.createScriptURL(url), { type: "module" });
}

/** Keeps the citizen's page on this device (`build/service-worker.js`). Without it the page works with a connection only. */
export async function keepOffline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(policy.createScriptURL("/sw.js"), { updateViaCache: "none" }).catch(() => undefined);
}
