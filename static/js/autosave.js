// htmx saves the form while somebody types; this says what became of it and keeps what was not saved.
(() => {
  "use strict";
  const region = document.getElementById("autosave");
  if (!region) return;
  const form = region.closest("form");
  const WAIT = [5, 10, 20, 40]; // seconds until it is tried again
  let typed = false; // since the last save went out
  let busy = false;
  let failures = 0;
  let stopped = false; // somebody has to decide first
  let leaving = false;
  let held; // a button that was pressed while a save was on its way

  const say = (text) => (region.querySelector(".autosave__state").textContent = text);

  form.addEventListener("input", () => (typed = true));

  region.addEventListener("htmx:beforeRequest", (event) => {
    if (stopped || leaving) return event.preventDefault();
    typed = false;
    busy = true;
  });

  region.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!busy) return;
    busy = false;
    const status = detail.xhr.status;
    if (detail.successful) failures = 0;
    else {
      typed = true;
      stopped = status === 409;
      if (!stopped) {
        const passing = status === 0 || status >= 500;
        say(passing ? region.dataset.offline : region.dataset.refused);
        if (passing) setTimeout(() => htmx.trigger(region, "again"), 1000 * WAIT[Math.min(failures, WAIT.length - 1)]);
        failures += 1;
      }
    }
    if (held) form.requestSubmit(held);
  });

  // two saves at once would be taken for two people
  form.addEventListener("submit", (event) => {
    leaving = !busy;
    if (!busy) return;
    event.preventDefault();
    held = event.submitter;
  });

  addEventListener("beforeunload", (event) => {
    if (!leaving && (failures || stopped || (busy && typed))) event.preventDefault();
  });

  // what was typed in the last two seconds
  addEventListener("pagehide", () => {
    if (leaving || stopped || busy || !typed) return;
    navigator.sendBeacon(form.action, new URLSearchParams([...new FormData(form), ["autosave", "1"]]));
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
