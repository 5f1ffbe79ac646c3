// The keyboard: `/` searches, `?` shows the keys, `g` and a letter goes to a place, `j` and `k` walk the rows of a table,
// `x` ticks one.

const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

const rowLinks = () => [...document.querySelectorAll("main .table tbody :is(th, td:first-child) a")];

function walk(step) {
  const links = rowLinks();
  if (links.length === 0) return;
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((link) => link.closest("tr") === row);
  const next = at === -1 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

function tick() {
  document.activeElement?.closest("tr")?.querySelector(".tick input")?.click();
}

function followRel(rel) {
  document.querySelector(`main a[rel="${rel}"]`)?.click();
}

// The list of the page is nearer than everything.
function search() {
  const field = document.querySelector("main .search input") ?? document.getElementById("search");
  field?.focus();
  field?.select();
}

const KEYS = {
  "/": search,
  "?": () => document.querySelector('[data-dialog="keys"]')?.click(),
  j: () => walk(1),
  k: () => walk(-1),
  x: tick,
  n: () => followRel("next"),
  p: () => followRel("prev"),
};

let afterG = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (Date.now() - afterG < 1500) {
    afterG = 0;
    const place = document.querySelector(`.navigation a[data-key="${CSS.escape(event.key)}"]`);
    if (place) {
      event.preventDefault();
      place.click();
    }
    return;
  }
  if (event.key === "g") {
    afterG = Date.now();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
