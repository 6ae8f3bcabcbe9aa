"use strict";
// Beside each section: a list of the evidence to insert a mark, and the text as readers will see
// it. Keys for saving and for the preview.
(() => {
  const SECTIONS = ["background", "approach", "mechanism", "results", "limits"];
  const PAUSE = 500;

  // The evidence as it stands in the form, stored or not: number, source, row.
  function evidence() {
    const found = [];
    for (const box of document.querySelectorAll("#evidence-group input[name$='-number']")) {
      const row = box.closest(".inline-related");
      if (!row || row.classList.contains("empty-form") || !box.value) continue;
      if (row.querySelector("input[name$='-DELETE']")?.checked) continue;
      const source = row.querySelector("select[name$='-source']");
      found.push({
        number: box.value,
        name: source?.selectedOptions[0]?.textContent.trim() || "",
        row: row.id,
      });
    }
    return found.sort((a, b) => a.number - b.number);
  }

  function insert(area, text) {
    area.focus();
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function fillList(list) {
    const first = list.options[0];
    const chosen = list.value;
    list.replaceChildren(
      first,
      ...evidence().map(({ number, name }) => new Option(`[^${number}] ${name}`, number))
    );
    list.value = chosen;
    if (list.selectedIndex < 0) list.selectedIndex = 0;
  }

  function leadMarks(panel) {
    const rows = new Map(evidence().map(({ number, row }) => [number, row]));
    for (const link of panel.querySelectorAll("a[href^='#evidence-']")) {
      const row = rows.get(link.textContent);
      link.removeAttribute("id");
      if (row) {
        link.setAttribute("href", `#${row}`);
      } else {
        link.removeAttribute("href");
        link.removeAttribute("aria-label");
        link.className = "desk-no-evidence";
        link.textContent += "?";
      }
    }
  }

  function equip(area, name, place, template) {
    const label = area.labels[0]?.textContent.replace(/[:：]\s*$/, "").trim() || name;
    const tools = template.content.cloneNode(true).firstElementChild;
    const list = tools.querySelector("select");
    const toggle = tools.querySelector("[data-do=look]");
    const panel = tools.querySelector(".desk-look");
    list.setAttribute("aria-label", `${label}：${list.getAttribute("aria-label")}`);
    toggle.setAttribute("aria-label", `${label}：${toggle.textContent.trim()}`);
    panel.id = `desk-look-${name}`;
    panel.setAttribute("aria-label", `${label}：${panel.getAttribute("aria-label")}`);
    toggle.setAttribute("aria-controls", panel.id);
    const row = area.closest(".form-row") || area.parentElement;
    row.append(tools);

    for (const event of ["focus", "mousedown"]) list.addEventListener(event, () => fillList(list));
    fillList(list);
    tools.querySelector("[data-do=insert]").addEventListener("click", () => {
      if (list.value) insert(area, `[^${list.value}]`);
      else list.focus();
    });

    let timer = null;
    let asked = 0;
    async function show() {
      timer = null;
      const number = ++asked;
      const body = new URLSearchParams({ section: name, text: area.value });
      let html = null;
      try {
        const response = await fetch(place.dataset.render, {
          method: "POST",
          body,
          headers: { "X-CSRFToken": area.form.elements.csrfmiddlewaretoken.value },
        });
        // Who is no longer signed in is sent to another page.
        if (response.ok && !response.redirected) html = await response.text();
      } catch {
        html = null;
      }
      if (number !== asked) return;
      if (html === null) {
        panel.textContent = place.dataset.failed;
      } else if (html.trim()) {
        panel.innerHTML = html; // cleaned by the server
        leadMarks(panel);
      } else {
        panel.textContent = place.dataset.empty;
      }
    }
    toggle.addEventListener("click", () => {
      const open = panel.hidden;
      panel.hidden = !open;
      toggle.setAttribute("aria-expanded", String(open));
      tools.classList.toggle("desk-looking", open);
      row.classList.toggle("desk-beside", open);
      if (open) show();
    });
    area.addEventListener("input", () => {
      if (panel.hidden) return;
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
  }

  function start() {
    const place = document.getElementById("desk-typing");
    const template = document.getElementById("desk-tools");
    if (!place || !template) return;
    for (const name of SECTIONS) {
      const area = document.querySelector(`textarea#id_${name}`);
      if (area) equip(area, name, place, template);
    }
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const letter = event.key.toLowerCase();
      const verb = letter === "s" && !event.shiftKey ? "_continue" : letter === "p" && event.shiftKey ? "_preview" : "";
      const button = verb && document.querySelector(`.submit-row button[name=${verb}]`);
      if (!button) return;
      event.preventDefault();
      if (!event.repeat) button.click();
    });
  }

  window.addEventListener("load", start);
})();
