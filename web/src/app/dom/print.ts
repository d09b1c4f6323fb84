// Printing one part of a page: everything beside it is left out.

/** Prints `element` alone. The marks go when printing ended; browsers that do not say so get them with the next print. */
export function printOnly(element: Element): void {
  const before = document.querySelector(".printed");
  before?.classList.remove("printed");
  element.classList.add("printed");
  document.documentElement.classList.add("prints-part");
  const end = (): void => {
    element.classList.remove("printed");
    document.documentElement.classList.remove("prints-part");
  };
  addEventListener("afterprint", end, { once: true });
  print();
}
