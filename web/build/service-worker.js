// Keeps the citizen's page on the device, so that it opens without a connection.
//
// Invariants: kept are the built files of the citizen's page and nothing else, no answer of the interface, no letter,
// nothing that was decrypted; the newest page wins whenever there is a connection; desk and auditor's page are left
// alone. VERSION and FILES are written by the build (`offline.ts`): another build is another cache.
const VERSION = "__VERSION__";
const FILES = __FILES__;
const CACHE = `pages-${VERSION}`;
/** Large parts, kept once they were wanted. */
const LATER = new Set(__LATER__);
/** Addresses of the one page. */
const PAGE = new Set(["/", "/enrol"]);
const KEPT = new Set(FILES);

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((path) => new Request(path, { cache: "no-cache", credentials: "omit" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name.startsWith("pages-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.search !== "") return;
  if (request.mode === "navigate" && PAGE.has(url.pathname)) event.respondWith(newest(request, "/"));
  else if (url.pathname.startsWith("/assets/") && KEPT.has(url.pathname)) event.respondWith(kept(request));
  else if (LATER.has(url.pathname)) event.respondWith(keptWhenWanted(request));
  else if (KEPT.has(url.pathname)) event.respondWith(newest(request, url.pathname));
});

/** A name that is a hash of its content never changes. */
async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url)) ?? fetch(request);
}

async function keptWhenWanted(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request.url);
  if (found !== undefined) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone()).catch(() => undefined); // where there is room
  return answer;
}

/** From the server; what is kept where there is no connection. */
async function newest(request, path) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await (await caches.open(CACHE)).match(path);
    if (found === undefined) throw error;
    return found;
  }
}
