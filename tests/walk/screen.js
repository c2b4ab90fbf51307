// What the walk asks of a page in Chromium. Each answers "" or what is wrong.
({
  // the document is no wider than the window
  sideways() {
    const wide = document.documentElement.scrollWidth;
    if (wide <= innerWidth) return "";
    const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
    return `${wide} px wide: ${out.slice(-3).map((one) => one.outerHTML.slice(0, 120)).join(" | ")}`;
  },

  // WCAG 1.4.12: as a reader spaces the text; a sheet of one's own is not under the page's CSP
  spaced() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
      p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
    return this.sideways();
  },

  // to a reader who wants less motion nothing moves
  still() {
    if (document.getAnimations().length) return "something moves";
    return getComputedStyle(document.documentElement).scrollBehavior === "smooth" ? "scrolls smoothly" : "";
  },

  // in the reader's own colours every control shows the focus, and what was told by a background has an edge
  forced() {
    const seen = (one) => one.checkVisibility() && one.getBoundingClientRect().width > 1;
    const faults = new Set();
    for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      if (!seen(one)) continue;
      one.focus({ preventScroll: true, focusVisible: true });
      const style = getComputedStyle(one);
      const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      if (document.activeElement === one && !drawn) faults.add(`no focus: ${one.outerHTML.slice(0, 90)}`);
    }
    const boxes = `.button:not(.button--link), .tag:not(.tag--plain), .notice, .panel, .error-summary, select, textarea,
      input:not([type=hidden], [type=radio], [type=checkbox])`;
    for (const one of document.querySelectorAll(boxes)) {
      const style = getComputedStyle(one);
      const edged = [style.borderTopStyle, style.borderLeftStyle].some((kind) => kind !== "none");
      if (seen(one) && !edged) faults.add(`no edge: ${one.outerHTML.slice(0, 90)}`);
    }
    return [...faults].slice(0, 3).join(" | ");
  },
})
