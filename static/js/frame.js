// The frame: theme, density and navigation are remembered in cookies, so that the server draws the page right at once;
// menus close where one expects it; messages that pass.

const YEAR_IN_SECONDS = 31_536_000;

document.documentElement.dataset.script = "on";

function remember(name, value) {
  document.cookie = `lcm_${name}=${value}; path=/; max-age=${YEAR_IN_SECONDS}; samesite=lax`;
}

// --- Preferences: <button data-preference="theme" data-value="dark"> ---

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-preference]");
  if (!button) return;
  event.preventDefault();
  const { preference } = button.dataset;
  const root = document.documentElement;
  const value =
    preference === "navigation" ? (root.dataset.navigation === "narrow" ? "wide" : "narrow") : button.dataset.value;
  root.dataset[preference] = value;
  remember(preference, value);
  for (const other of document.querySelectorAll(`button[data-preference="${preference}"]`)) {
    other.setAttribute("aria-pressed", String(other.dataset.value === value));
  }
});

// --- Menus: only one open, closed by Escape (focus goes back) and by a click elsewhere ---

const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details.menu[open]")) return;
    for (const menu of openMenus()) if (menu !== event.target && !menu.contains(event.target)) menu.open = false;
    event.target.querySelector("[autofocus], .panel :is(input:not([type=hidden]), select)")?.focus();
  },
  true,
);

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// --- Messages that pass. Those that tell of an error, or lead somewhere, stay until they are closed. ---

const SECONDS_TO_READ = 8;

function letPass(toast) {
  toast.querySelector(".close")?.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("error") || toast.querySelector("a")) return;
  let timer;
  const start = () => (timer = setTimeout(() => toast.remove(), SECONDS_TO_READ * 1000));
  const hold = () => clearTimeout(timer);
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("mouseleave", start);
  toast.addEventListener("focusout", start);
  start();
}

function showToast(text, kind = "success") {
  const toast = document.getElementById("toast-pattern").content.firstElementChild.cloneNode(true);
  toast.classList.add(kind);
  toast.querySelector(".text").textContent = text;
  document.getElementById("toasts").append(toast);
  letPass(toast);
}

document.querySelectorAll("#toasts .toast").forEach(letPass);

// A response may carry `HX-Trigger: {"toast": {"text": …, "kind": …}}`.
document.addEventListener("toast", (event) => showToast(event.detail.text, event.detail.kind));

// What went wrong with what a page asked for in passing: in the open dialog, whose backdrop lies over all messages.
function tellOfError(text) {
  const place = document.querySelector("dialog[open] .dialog-body");
  if (!place) return showToast(text, "error");
  place.querySelector(":scope > .notice.failed")?.remove();
  const notice = document.getElementById("failure-pattern").content.firstElementChild.cloneNode(true);
  notice.querySelector("p").textContent = text;
  place.prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 401) tellOfError("You were signed out, and nothing was saved. Keep what you typed, and reload the page to sign in.");
  else if (status === 403) tellOfError("You may not do this, or you signed in anew meanwhile. Reload the page.");
  else if (status === 404) tellOfError("This is no longer there. Reload the page.");
  else tellOfError("The server could not answer. Nothing was changed; try again.");
});

document.addEventListener("htmx:sendError", () =>
  tellOfError("The server cannot be reached. Check the connection and try again."),
);

// --- What changed is told to those who do not see it ---

document.addEventListener("htmx:afterSettle", (event) => {
  const told = event.detail.elt.querySelector?.("[data-announce]");
  if (told) document.getElementById("announcer").textContent = told.textContent.trim();
});

// --- Forms in an address: what was left empty is left out ---

document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// A button shows that its form is being sent, and is not pressed twice.
document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && event.submitter && !event.defaultPrevented) {
    event.submitter.dataset.working = "";
  }
});

window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-working]")) delete button.dataset.working;
});
