// Every page works without this. It leads to what has to be mended, and adds a row to a table in place.
(() => {
  "use strict";
  const CONTROL = "input:not([type=hidden]), select, textarea, button, a[href]";

  const focusSummary = (root) => root.querySelector?.(".error-summary")?.focus();

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".error-summary a[href^='#']");
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    const control = target.matches(CONTROL) ? target : target.querySelector(CONTROL);
    if (!control) return;
    event.preventDefault();
    control.closest("details")?.setAttribute("open", "");
    (control.closest(".field, tr, .item") || control).scrollIntoView();
    control.focus({ preventScroll: true });
  });

  // the name of a cell is table-row-column; the button of the row would save the page to get another
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".table-field button[name=add]");
    if (!button) return;
    event.preventDefault();
    const field = button.closest(".table-field");
    const count = field.querySelector("input[type=hidden]");
    const rows = field.querySelectorAll("tbody tr");
    const last = rows[rows.length - 1];
    const row = last.cloneNode(true);
    const [from, to] = [Number(count.value) - 1, Number(count.value)];
    for (const part of row.querySelectorAll("[name], [id], [aria-label]")) {
      for (const name of ["name", "id", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace(`-${from}-`, `-${to}-`));
      }
      const label = part.getAttribute("aria-label");
      if (label) part.setAttribute("aria-label", label.replace(/\d+(?=\D*$)/, to + 1));
      if (part.matches("[type=checkbox]")) part.checked = false;
      else if (part.matches("input, textarea, select")) part.value = "";
      part.removeAttribute("aria-invalid");
    }
    for (const error of row.querySelectorAll(".error-message")) error.remove();
    count.value = to + 1;
    last.after(row);
    row.querySelector(CONTROL)?.focus();
  });

  // htmx puts a refused form in place with its summary
  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));
  focusSummary(document);
})();
