// Locking one tab locks the others: they share a channel that says so, and nothing else.

const CHANNEL = "mein-postfach-lock";

/** Calls `lock` when another tab was locked; answers how to tell the others. */
export function lockTogether(lock: () => void): () => void {
  if (typeof BroadcastChannel !== "function") return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", lock);
  return () => channel.postMessage("locked");
}
