// Native dialogs. Opening one adds a step to the browser's history, so that Back closes it; focus returns to where it was.
//
// <a href="…" data-dialog="NAME">      opens the dialog with that id, or, where there is none,
// <a href="…" hx-get="…" hx-target="#dialog-place">   fetches a fragment that holds one.
// Without script the link leads to the same form on a page of its own.

let openedBy = null;

function open(dialog) {
  openedBy = document.activeElement;
  dialog.showModal();
  history.pushState({ dialog: true }, "");
  (dialog.querySelector('[aria-invalid="true"]') ?? dialog.querySelector("[autofocus]") ?? firstField(dialog))?.focus();
}

// Rather than the button that closes it, which comes first.
const firstField = (dialog) => dialog.querySelector(".dialog-body :is(input:not([type=hidden]), select, textarea)");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    open(dialog);
    return;
  }
  const closer = event.target.closest("[data-close]");
  const dialog = event.target.closest("dialog");
  const onBackdrop = dialog === event.target && isOutside(event, dialog);
  if (dialog && (closer || onBackdrop)) {
    event.preventDefault();
    dialog.close();
  }
});

function isOutside({ clientX, clientY }, element) {
  const box = element.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

// To what opened the dialog, or to what a swap put in its place; where that is gone too, to the page.
function giveFocusBack() {
  const opener = openedBy?.isConnected ? openedBy : document.getElementById(openedBy?.id);
  (opener ?? document.getElementById("main"))?.focus({ preventScroll: true });
  openedBy = null;
}

// A response may carry `HX-Trigger-After-Settle: {"dialog-done": {}}`: the page has been brought up to date.
document.addEventListener("dialog-done", () => document.querySelector("dialog[open]")?.close());

let goingBack = false;

document.addEventListener(
  "close",
  () => {
    if (history.state?.dialog) {
      goingBack = true;
      history.back();
    }
    giveFocusBack();
  },
  true,
);

// Registered before htmx's own listener: the step that a dialog added is none of its pages.
window.addEventListener("popstate", (event) => {
  const dialog = document.querySelector("dialog[open]");
  if (!dialog && !goingBack) return;
  event.stopImmediatePropagation();
  goingBack = false;
  dialog?.close();
});

// A fetched dialog opens as soon as it is there. One that came back with errors takes the place of the open one.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "dialog-place") return;
  const dialog = event.detail.target.querySelector("dialog");
  if (!dialog || dialog.open) return;
  if (history.state?.dialog) {
    dialog.showModal();
    dialog.querySelector('[aria-invalid="true"]')?.focus();
  } else open(dialog);
});
