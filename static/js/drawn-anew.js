// Forms whose fields depend on each other: when one that decides about others changes, the server draws them anew.
//
// <div id="fields" hx-trigger="draw-anew" data-deciding="part model duration">
// What a person typed while the server was asked stands in the new fields as well.

const fieldsOf = (target) => target.closest?.("[data-deciding]");

// A box to find a record in is called after its field; what it holds counts once a record is picked or none is meant.
function decides(field, place) {
  const name = field.name.replace(/_text$/, "");
  if (!place.dataset.deciding.split(" ").includes(name)) return false;
  return name === field.name || field.value === "";
}

document.addEventListener("change", (event) => {
  const place = fieldsOf(event.target);
  if (place && decides(event.target, place)) window.htmx.trigger(place, "draw-anew");
});

const valueOf = (field) => (field.type === "checkbox" ? field.checked : field.value);
const sent = new Map();

document.addEventListener("htmx:beforeRequest", (event) => {
  const place = event.detail.elt;
  if (!place.matches?.("[data-deciding]")) return;
  sent.clear();
  for (const field of place.querySelectorAll("[name]")) sent.set(field.name, valueOf(field));
});

const typedMeanwhile = new Map();

document.addEventListener("htmx:beforeSwap", (event) => {
  const place = event.detail.target;
  if (!place.matches?.("[data-deciding]")) return;
  typedMeanwhile.clear();
  for (const field of place.querySelectorAll("[name]")) {
    if (sent.get(field.name) !== valueOf(field)) typedMeanwhile.set(field.name, valueOf(field));
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const place = document.getElementById(event.detail.target.id);
  if (!place?.matches("[data-deciding]")) return;
  for (const [name, value] of typedMeanwhile) {
    const field = place.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
  typedMeanwhile.clear();
});
