// Suggestions under a search box: the WAI-ARIA combobox pattern with a list of links.
// Without this script the box is a plain form.
"use strict";

for (const form of document.querySelectorAll("form[data-suggest]")) {
  const input = form.querySelector("input[type=search]");
  const list = form.querySelector(".suggestions");
  const status = form.querySelector("[role=status]");
  let timer = 0;
  let asked = "";
  let current = -1;
  let composing = false;

  list.setAttribute("role", "listbox");
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) input.setAttribute(name, value);

  const options = () => [...list.children];

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  }

  function choose(index) {
    current = index;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", options()[index].id);
      options()[index].scrollIntoView({ block: "nearest" });
    }
  }

  function show(suggestions) {
    list.replaceChildren(
      ...suggestions.map(({ label, url, kind }, index) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.dataset.url = url;
        const sort = document.createElement("span");
        sort.className = "kind";
        sort.textContent = kind;
        option.append(label, " ", sort);
        return option;
      }),
    );
    choose(-1);
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = suggestions.length ? `有 ${suggestions.length} 条建议，按下箭头选择` : "";
  }

  async function ask() {
    const q = input.value.trim();
    if (q === asked) return;
    asked = q;
    if (!q) {
      show([]);
      return;
    }
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q })}`);
      const { suggestions = [] } = answer.ok ? await answer.json() : {};
      // By now something else may be in the box, or about to be.
      const isCurrent = q === asked && q === input.value.trim() && !composing;
      if (isCurrent && document.activeElement === input) show(suggestions);
    } catch {
      close(); // No network: the box still searches.
    }
  }

  function askSoon() {
    clearTimeout(timer);
    choose(-1); // Nothing that was offered for the former text is opened by Enter.
    timer = setTimeout(ask, 120);
  }

  // While an input method composes, the letters are not yet what is meant.
  input.addEventListener("compositionstart", () => {
    composing = true;
    clearTimeout(timer);
    asked = "";
    close();
  });
  input.addEventListener("compositionend", () => {
    composing = false;
    askSoon();
  });
  input.addEventListener("input", (event) => {
    if (!composing && !event.isComposing) askSoon();
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const count = options().length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (list.hidden) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the box itself.
      const next = ((current + 1 + step + count + 1) % (count + 1)) - 1;
      choose(next);
    } else if (event.key === "Enter" && current >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(options()[current].dataset.url);
    }
  });

  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
}

// An address or a citation can be copied with one click where the browser allows it.
for (const button of document.querySelectorAll("button[data-copy], button[data-text]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const { copy, text } = button.dataset;
    await navigator.clipboard.writeText(text ?? new URL(copy, location.href).href);
    const said = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}

// A long list of values that was opened can be narrowed by typing.
for (const label of document.querySelectorAll("label.within")) {
  label.hidden = false;
  // Not the line that asks for all chosen values together.
  const items = [...label.parentElement.querySelectorAll("ul > li[data-typed]")];
  const none = label.nextElementSibling;
  label.querySelector("input").addEventListener("input", (event) => {
    const typed = event.target.value.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
    for (const item of items) {
      const known = item.dataset.typed?.split(" ") ?? [];
      item.hidden = !known.some((form) => form.includes(typed));
    }
    none.hidden = items.some((item) => !item.hidden);
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
