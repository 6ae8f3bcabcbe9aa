"use strict";
// The admin's scripts build boxes without names, and names where none may be; those who hear the
// page read would not know what they choose.
(() => {
  function name(root) {
    for (const select of root.querySelectorAll("select.admin-autocomplete")) {
      const box = select.nextElementSibling?.querySelector("[role=combobox]");
      if (!box || box.id) continue;
      const label = select.getAttribute("aria-label") || select.labels[0]?.textContent || "";
      box.id = `${select.id}-box`;
      box.setAttribute("aria-label", label.replace(/[:：]\s*$/, "").trim());
      const chosen = box.querySelector(".select2-selection__rendered");
      if (select.multiple) {
        box.querySelector(".select2-search__field")?.setAttribute("aria-labelledby", box.id);
      } else if (chosen) {
        // Its name first, then what is chosen.
        box.setAttribute("aria-labelledby", `${box.id} ${chosen.id}`);
        chosen.removeAttribute("role");
        chosen.removeAttribute("aria-readonly");
      }
    }
  }

  // The boxes are built in jQuery's ready queue, by a script that stands before this one.
  django.jQuery(() => name(document));
  // After the boxes of a new row have been built.
  document.addEventListener("formset:added", (event) => setTimeout(() => name(event.target)));
})();
