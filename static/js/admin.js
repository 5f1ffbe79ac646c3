// Names for what the admin leaves without one: fields where one chooses by typing, fields in rows, heads of no column.

const labelOf = (field) =>
  field.labels?.[0]?.textContent ?? field.closest("table")?.tHead?.rows[0]?.cells[field.closest("td")?.cellIndex]?.textContent;

function nameWhatHasNone() {
  for (const field of document.querySelectorAll(".tabular td :is(select, input:not([type=hidden]), textarea)"))
    if (!field.labels?.length && !field.ariaLabel) field.ariaLabel = labelOf(field)?.trim() ?? null;
  for (const chosen of document.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
    const field = chosen.closest(".select2")?.previousElementSibling;
    const name = field && (field.ariaLabel ?? labelOf(field));
    if (!name) continue;
    chosen.removeAttribute("aria-labelledby");
    chosen.ariaLabel = name.trim().replace(/:$/, "");
  }
  for (const head of document.querySelectorAll(".tabular thead th")) {
    if (head.textContent.trim()) continue;
    const cell = document.createElement("td");
    cell.className = head.className;
    cell.colSpan = head.colSpan;
    head.replaceWith(cell);
  }
}

// After the admin's own scripts have drawn their fields, which wait for its jQuery; and those of a row that is added.
const whenDrawn = window.django?.jQuery ?? ((act) => act());
whenDrawn(() => setTimeout(nameWhatHasNone));
document.addEventListener("formset:added", () => setTimeout(nameWhatHasNone));
