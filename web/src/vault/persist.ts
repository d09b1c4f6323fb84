// Asking the browser to keep what is stored, even when room gets short.

/** Nothing waits for the answer: Firefox asks the person, who may take their time or never answer. */
export function askToKeep(): void {
  void navigator.storage?.persist?.().catch(() => false);
}
