// Whether this browser has what the pages need: what `public/check.js` found before they started.

export function supported(): boolean {
  return !document.documentElement.hasAttribute("data-too-old");
}
