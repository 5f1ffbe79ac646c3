// A line of tags offers those in use after each separator too: by itself a browser offers values
// for the whole line only.

const inUse = new WeakMap();

function tagsOf(list) {
  if (!inUse.has(list)) {
    inUse.set(list, [...list.options].map((option) => option.value));
  }
  return inUse.get(list);
}

function offer(box) {
  const parts = box.value.split(/[;,]/);
  const before = parts.slice(0, -1).map((part) => part.trim()).filter(Boolean);
  const written = new Set(before.map((tag) => tag.toLowerCase()));
  const fitting = tagsOf(box.list).filter((tag) => !written.has(tag.toLowerCase()));
  box.list.replaceChildren(
    ...fitting.map((tag) => {
      const option = document.createElement("option");
      option.value = [...before, tag].join("; ");
      option.label = tag;
      return option;
    }),
  );
}

for (const happening of ["focusin", "input"]) {
  document.addEventListener(happening, (event) => {
    if (event.target.matches("[data-tags]")) {
      offer(event.target);
    }
  });
}
