// Before the sign-in ends for want of a request: a dialog with a way to go on, in every tab. The server knows the time.
(() => {
  "use strict";
  const dialog = document.getElementById("session");
  const form = dialog.querySelector("form");
  const BEFORE = 120; // seconds
  const ASK_AGAIN = 30; // while the server is not to be reached
  const tabs = new BroadcastChannel("session");
  let timer;

  const checkIn = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(check, 1000 * Math.max(seconds, 1));
  };

  // left: seconds; other tabs and this page's saves renew them
  const show = (left) => {
    if (left > BEFORE) {
      if (dialog.open) dialog.close();
      return checkIn(left - BEFORE);
    }
    for (const part of dialog.querySelectorAll("[data-over]")) part.hidden = part.dataset.over !== String(left <= 0);
    if (!dialog.open) dialog.showModal();
    if (left > 0) checkIn(left);
    else clearTimeout(timer);
  };

  const ask = async (options) => {
    try {
      const answer = await fetch(form.action, options);
      return answer.ok ? (await answer.json()).left : null;
    } catch {
      return null;
    }
  };

  const check = async () => {
    const left = await ask();
    if (left === null) checkIn(ASK_AGAIN);
    else show(left);
  };

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.formMethod === "dialog") return;
    event.preventDefault();
    const left = await ask({ method: "POST", body: new FormData(form) });
    if (left === null) return check(); // signed in again in another tab, or no connection
    show(left);
    tabs.postMessage(left);
  });

  tabs.addEventListener("message", ({ data }) => show(data));
  document.addEventListener("visibilitychange", () => dialog.open && !document.hidden && check());
  checkIn(Number(dialog.dataset.left) - BEFORE);
})();
