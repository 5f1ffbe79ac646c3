// Rows to tick: all of a page by the box in the head, a stretch of them with Shift, and a word on how many are.

const boxes = () => [...document.querySelectorAll(".list .tick input[name]")];

let last = null;

document.addEventListener("click", (event) => {
  const box = event.target.closest(".tick input[name]");
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const between of all.slice(from, to)) between.checked = box.checked;
  last = box;
  tell();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of boxes()) box.checked = event.target.checked;
  tell();
});

document.addEventListener("reset", (event) => {
  // The boxes are emptied after the event.
  if (event.target.id === "ticked") setTimeout(tell);
});

function tell() {
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  const head = document.querySelector("[data-tick-all]");
  if (head) {
    head.checked = ticked > 0 && ticked === all.length;
    head.indeterminate = ticked > 0 && ticked < all.length;
  }
  const told = document.querySelector("[data-ticked]");
  if (!told) return;
  told.textContent = `${ticked} selected`;
  document.getElementById("announcer").textContent = told.textContent;
}

// Back, with what was ticked before.
window.addEventListener("pageshow", () => boxes().some((box) => box.checked) && tell());
