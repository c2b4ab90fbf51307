"""A person who has a keyboard and nothing else."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.browser.person import Person

MOST = 250  # stops of Tab on one page

# Where the focus is: whether it is drawn and nothing lies over it, whether it stands behind the last one in the source.
STOP = """() => {
  const one = document.activeElement, last = window.lastStop, style = getComputedStyle(one);
  window.lastStop = one;
  const box = one.getClientRects()[0] || one.getBoundingClientRect();
  const [above, below] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const top = below > above ? document.elementFromPoint(box.x + box.width / 2, (above + below) / 2) : null;
  return {
    tag: one.tagName,
    html: one.outerHTML.slice(0, 120),
    drawn: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    shown: Boolean(top) && box.width > 0 && (one.contains(top) || top.contains(one)),
    onward: !last || !last.isConnected || Boolean(last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""


class Typist(Person):
    """Comes to everything by Tab; every stop is seen, on the screen and behind the one before it."""

    def sign_in(self) -> None:
        self.page.goto("/accounts/login/")
        self._write(self.page.locator("input[name=login]"), self.email)
        self._write(self.page.locator("input[name=password]"), self.password)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, name: str) -> None:
        self.reach(self.page.get_by_role("button", name=name, exact=True).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def follow(self, name: str, *, exact: bool = False) -> None:
        self.reach(self.page.get_by_role("link", name=name, exact=exact).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, name: str, value: str) -> None:
        """A box with Space; a radio button with the arrows from where Tab enters its group."""
        wanted = self.page.locator(f'[name="{name}"][value="{value}"]')
        if wanted.get_attribute("type") == "checkbox":
            self.reach(wanted)
        else:
            self.reach(self.page.locator(f'[name="{name}"]'), among=True)
            for _ in range(self.page.locator(f'[name="{name}"]').count()):
                if self._has_focus(wanted):
                    break
                self.page.keyboard.press("ArrowDown")
        if not wanted.is_checked():
            self.page.keyboard.press("Space")
        assert wanted.is_checked()

    def _write(self, box: Locator, text: str) -> None:
        self.reach(box)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def _unfold(self, summary: Locator) -> None:
        self.reach(summary)
        self.page.keyboard.press("Enter")

    def reach(self, wanted: Locator, *, among: bool = False) -> None:
        """Tab until the focus is on this, or on one of these; once around the page at most."""
        wanted.first.wait_for(state="attached")
        rounds = 0
        for _ in range(MOST):
            if self._has_focus(wanted, among=among):
                return
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(STOP)
            if stop["tag"] == "BODY":  # past the last stop: the browser's own, then from the top again
                rounds += 1
                assert rounds <= 2, f"no way to {wanted} by Tab on {self.page.url}"
                continue
            assert stop["drawn"], f"the focus cannot be seen: {stop['html']}"
            assert stop["shown"], f"the focus is off the screen, or covered: {stop['html']}"
            assert stop["onward"] or rounds, f"the focus goes back: {stop['html']}"
        raise AssertionError(f"{MOST} stops and no way to {wanted} on {self.page.url}")

    def _has_focus(self, wanted: Locator, *, among: bool = False) -> bool:
        found = wanted if among else wanted.first
        return bool(found.evaluate_all("(all) => all.includes(document.activeElement)"))

    def errors(self) -> list[str]:
        assert self._has_focus(self.page.locator(".error-summary")), "the error summary has not got the focus"
        return super().errors()

    def mend(self, text: str) -> None:
        """Follow the first line of the error summary to its field, and write this there."""
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        assert self.page.evaluate("document.activeElement.matches('input, textarea')")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
