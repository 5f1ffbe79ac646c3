// Choosing a record by typing: a combobox (ARIA 1.2, list autocomplete) over a box that works without it.
//
// <span class="chosen" data-choose="ADDRESS" data-narrowed-by="vendor=vendor">
//   <input type="hidden" name="product">  <input type="text" name="product_text">
// The address answers ?q=… with options. A field that narrows this one empties it when it changes.

const PAUSE = 180;
let made = 0;

class Chosen {
  constructor(place) {
    this.place = place;
    this.key = place.querySelector('input[type="hidden"]');
    this.box = place.querySelector('input[type="text"]');
    this.list = document.createElement("ul");
    this.list.id = `choices-${++made}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.box.placeholder);
    this.list.hidden = true;
    place.append(this.list);
    const { box } = this;
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.list.id);
    box.setAttribute("aria-expanded", "false");
    box.addEventListener("input", () => this.typed());
    box.addEventListener("keydown", (event) => this.pressed(event));
    box.addEventListener("click", () => this.list.hidden && this.fetch());
    // What is typed next stands for something else, and not behind what was chosen.
    box.addEventListener("focus", () => box.select());
    box.addEventListener("blur", () => this.close());
    // Before the box loses its focus.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest('[role="option"]');
      if (option) this.pick(option);
    });
    for (const other of this.narrowing()) other.field?.addEventListener("change", () => this.empty());
  }

  narrowing() {
    const form = this.box.form;
    return (this.place.dataset.narrowedBy || "")
      .split(" ")
      .filter(Boolean)
      .map((pair) => pair.split("="))
      .map(([parameter, name]) => ({ parameter, field: form?.elements[name] }));
  }

  typed() {
    this.key.value = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), PAUSE);
  }

  async fetch() {
    const address = new URL(this.place.dataset.choose, location.origin);
    // What stands there already was picked: all others are offered.
    address.searchParams.set("q", this.key.value ? "" : this.box.value);
    for (const { parameter, field } of this.narrowing()) if (field?.value) address.searchParams.set(parameter, field.value);
    const asked = (this.asked = address.href);
    const response = await fetch(address, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (asked !== this.asked || document.activeElement !== this.box) return;
    if (!response?.ok) return this.close();
    this.list.innerHTML = await response.text();
    for (const [at, option] of this.options().entries()) option.id = `${this.list.id}-${at}`;
    this.list.hidden = false;
    this.box.setAttribute("aria-expanded", "true");
    this.activate(this.box.value && !this.key.value ? this.options()[0] : null);
  }

  options() {
    return [...this.list.querySelectorAll('[role="option"]')];
  }

  activate(option) {
    for (const other of this.options()) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      this.box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.box.removeAttribute("aria-activedescendant");
    this.active = option ?? null;
  }

  pressed(event) {
    const options = this.options();
    const at = options.indexOf(this.active);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) return void this.fetch();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.activate(options[(at + step + options.length) % options.length] ?? options[0]);
    } else if (event.key === "Enter" && !this.list.hidden && this.active) {
      event.preventDefault();
      this.pick(this.active);
    } else if (event.key === "Enter" && this.box.value && !this.key.value) {
      // A form is not sent in the middle of choosing.
      event.preventDefault();
      clearTimeout(this.timer);
      this.fetch();
    } else if (event.key === "Tab" && !this.list.hidden && this.active && !this.key.value) {
      this.pick(this.active);
    } else if (event.key === "Escape" && !this.list.hidden) {
      // Escape closes the list first, and only then the dialog around it.
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  pick(option) {
    this.key.value = option.dataset.key;
    this.box.value = option.dataset.label;
    this.close();
    this.key.dispatchEvent(new Event("change", { bubbles: true }));
  }

  empty() {
    if (!this.key.value && !this.box.value) return;
    this.key.value = this.box.value = "";
    this.key.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.asked = null;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.active = null;
    this.box.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
  }
}

const enhanced = new WeakSet();

function enhance(root) {
  for (const place of root.querySelectorAll?.(".chosen[data-choose]") ?? []) {
    if (enhanced.has(place)) continue;
    enhanced.add(place);
    new Chosen(place);
  }
}

enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt.parentNode ?? event.detail.elt));
