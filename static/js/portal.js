// Every page works without this. It moves the focus to what has to be mended, nothing else.
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

  // htmx puts a refused form in place with its summary
  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));
  focusSummary(document);
})();
