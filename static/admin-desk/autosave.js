"use strict";
// Keeps in this browser what has been typed into a case and not been stored yet, by user and case,
// and offers it again after a crash, a lost session or a closed window.
(() => {
  const PAUSE = 2000;
  const OLDEST = 30 * 24 * 60 * 60 * 1000;
  const PREFIX = "desk-typing:";
  const NOT_KEPT = new Set(["csrfmiddlewaretoken", "typing"]);

  function stored(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function forgetOld() {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))) {
      const time = stored(key)?.time;
      if (!time || Date.now() - time > OLDEST) localStorage.removeItem(key);
    }
  }

  function newId() {
    const numbers = crypto.getRandomValues(new Uint32Array(4));
    return [...numbers].map((number) => number.toString(36).padStart(7, "0")).join("");
  }

  function savedIds() {
    const cookie = document.cookie.split("; ").find((part) => part.startsWith("desk_saved="));
    return cookie ? cookie.slice("desk_saved=".length).replaceAll('"', "").split(".") : [];
  }

  function boxes(form) {
    return [...form.elements].filter(
      (box) =>
        box.name &&
        !NOT_KEPT.has(box.name) &&
        !["submit", "button", "file"].includes(box.type) &&
        !box.name.includes("__prefix__")
    );
  }

  // Each box with its value; of a list also the words, which a box that searches does not know.
  function contents(form) {
    return boxes(form).map((box) => {
      if (box.tagName === "SELECT") {
        return [box.name, [...box.selectedOptions].map((o) => [o.value, o.textContent])];
      }
      return [box.name, ["checkbox", "radio"].includes(box.type) ? box.checked : box.value];
    });
  }

  function addRows(form, values) {
    for (const [name, total] of values) {
      if (!name.endsWith("-TOTAL_FORMS")) continue;
      const group = document.getElementById(name.replace("-TOTAL_FORMS", "-group"));
      const box = form.elements[name];
      for (let guard = 0; box && group && Number(box.value) < Number(total) && guard < 200; guard++) {
        const button = group.querySelector(".add-row a");
        if (!button) break;
        button.click();
      }
    }
  }

  function fill(form, values) {
    addRows(form, values);
    for (const [name, value] of values) {
      const box = form.elements[name];
      if (!box || box instanceof RadioNodeList) continue;
      if (box.tagName === "SELECT") {
        for (const [choice, words] of value) {
          if (![...box.options].some((option) => option.value === choice)) {
            box.add(new Option(words, choice));
          }
        }
        const chosen = new Set(value.map(([choice]) => choice));
        for (const option of box.options) option.selected = chosen.has(option.value);
        django.jQuery(box).trigger("change");
      } else if (typeof value === "boolean") {
        box.checked = value;
      } else if (!name.endsWith("-TOTAL_FORMS") || Number(value) > Number(box.value)) {
        box.value = value;
      }
    }
  }

  function start() {
    const place = document.getElementById("desk-typing");
    const form = document.getElementById("initiative_form");
    if (!place || !form) return;
    const key = `${PREFIX}${place.dataset.user}:${place.dataset.case}`;
    const notice = place.querySelector(".desk-recovery");
    const state = document.getElementById("desk-typing-state");
    const mark = form.elements.typing;
    let timer = null;
    let before = JSON.stringify(contents(form));
    let waiting = false;

    try {
      forgetOld();
    } catch {
      return; // The browser keeps nothing for this site.
    }
    const saved = new Set(savedIds());
    let entry = stored(key);
    if (entry && saved.has(entry.id)) {
      localStorage.removeItem(key);
      entry = null;
    }
    mark.value = newId();

    function keep() {
      clearTimeout(timer);
      timer = null;
      const values = contents(form);
      if (waiting || JSON.stringify(values) === before) return;
      try {
        localStorage.setItem(key, JSON.stringify({ id: mark.value, time: Date.now(), values }));
        state.textContent = state.dataset.kept.replace("%s", new Date().toLocaleTimeString());
      } catch {
        state.textContent = state.dataset.full;
      }
    }

    function later() {
      timer ??= setTimeout(keep, PAUSE);
    }

    // Events of jQuery's are no events of the browser's: boxes that search send only theirs.
    django.jQuery(form).on("input change", later);
    document.addEventListener("formset:added", later);
    document.addEventListener("formset:removed", later);
    form.addEventListener("submit", keep);
    window.addEventListener("pagehide", () => timer && keep());

    if (place.dataset.bound === "yes") {
      // The form came back with errors: what it holds has been typed and is stored nowhere.
      before = "";
      keep();
    } else if (entry) {
      // Until the choice is made, typing must not take the place of what is offered.
      waiting = true;
      notice.querySelector(".desk-when").textContent = new Date(entry.time).toLocaleString();
      notice.hidden = false;
      notice.querySelector("[data-do=recover]").addEventListener("click", () => {
        waiting = false;
        notice.hidden = true;
        fill(form, entry.values);
        mark.value = entry.id;
        state.textContent = state.dataset.recovered;
        document.getElementById("id_title").focus();
        keep();
      });
      notice.querySelector("[data-do=discard]").addEventListener("click", () => {
        waiting = false;
        notice.hidden = true;
        localStorage.removeItem(key);
        document.getElementById("id_title").focus();
        later();
      });
    }
  }

  // After the boxes that search have been built, which the load of the page waits for.
  window.addEventListener("load", start);
})();
