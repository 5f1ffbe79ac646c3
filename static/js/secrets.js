// A secret in a dialog is gone from the page when the dialog closes, which it does by itself.
//
// <p data-forget="SECONDS">…</p>       in a dialog: what is to be forgotten, and after how long
// <button data-copy="ID" hidden>       copies the text of that element, where the browser lets it

document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = event.target.querySelector?.("dialog");
  const secret = dialog?.querySelector("[data-forget]");
  if (!secret) return;
  const copier = dialog.querySelector("[data-copy]");
  if (copier) copier.hidden = !navigator.clipboard;
  const hiding = setTimeout(() => dialog.close(), secret.dataset.forget * 1000);
  dialog.addEventListener("close", () => {
    clearTimeout(hiding);
    dialog.remove();
  });
});

document.addEventListener("click", async (event) => {
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  await navigator.clipboard.writeText(document.getElementById(copier.dataset.copy).textContent);
  copier.textContent = "Copied";
});
