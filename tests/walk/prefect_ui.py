"""Prefect's UI as a person uses it: by the words on buttons, fields and links."""

from __future__ import annotations

import re
import time

import httpx
from playwright.sync_api import Locator, Page, Route, expect
from playwright.sync_api import TimeoutError as WaitedTooLongError

from tests import prefect_server
from tests.walk.browser import PATIENCE_SECONDS


def _asked_again(route: Route) -> None:
    """Ask a busy server's 503 again, which a person does by another click."""
    for _ in range(prefect_server.TRIES):
        answer = route.fetch()
        if answer.status != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(prefect_server.PAUSE_SECONDS)
    route.fulfill(response=answer)


TRIES = 10


class PrefectUI:
    """What is done in the UI of the server whose API is at ``api``."""

    def __init__(self, page: Page, api: str) -> None:
        self.page = page
        self._home = api.removesuffix("/api")
        for asked in ("deployments/*/create_flow_run", "flow_runs/*/resume"):
            page.route(f"{api}/{asked}", _asked_again)

    @property
    def main(self) -> Locator:
        """The page beside the menu."""
        return self.page.locator("main").last

    def open_form(self, deployment: str) -> None:
        """Go from the start page to the form for a run of a deployment."""
        self.page.goto(self._home)
        self.page.get_by_role("link", name="Deployments", exact=True).click()
        self.page.get_by_role("link", name=deployment, exact=True).first.click()
        self._choose(self.page.get_by_role("button", name="Run", exact=True), "Custom run")
        self.page.get_by_role("button", name="Submit").wait_for()

    def _choose(self, button: Locator, item: str) -> None:
        """Choose from a menu, which a page that is still loading may close again."""
        button.click()
        for _ in range(TRIES):
            try:
                self.page.get_by_role("menuitem", name=item).click(timeout=PATIENCE_SECONDS * 1000 / TRIES)
            except WaitedTooLongError:
                button.click()
            else:
                return
        raise AssertionError(f"no menu with {item}")

    def field(self, name: str) -> Locator:
        """A field of the form by its name."""
        return self.page.get_by_label(name).first

    def submit(self) -> str:
        """Start the run and go to its page; the page's address."""
        self.page.get_by_role("button", name="Submit").click()
        self.page.wait_for_url("**/deployment/*?tab=Runs")  # a notice leads to the run as well, for seconds
        self.page.locator("a[href*='/runs/flow-run/']").first.click()
        self.page.get_by_role("tab", name="Artifacts").wait_for()
        return self.page.url

    def see_state(self, name: str) -> None:
        """Wait until the run whose page is open is in a state; not longer than until it failed."""
        state = self.page.get_by_text(name, exact=True)
        failed = self.page.get_by_text(re.compile("^(Failed|Crashed|Cancelled)$"))
        expect(state.or_(failed).first).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        expect(state.first).to_be_visible(timeout=1)

    def ask_to_resume(self) -> Locator:
        """Open the dialog in which a suspended run waits for an answer."""
        self.page.locator("[aria-haspopup=menu]").last.click()
        self.page.get_by_role("menuitem", name="Resume").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("switch").wait_for()
        return dialog

    def open_artifact(self, key: str, about: str) -> None:
        """Go from a run's page to its artifact whose key and description have these words."""
        self.page.get_by_role("tab", name="Artifacts").click()
        cards = self.page.locator("a[href*='/artifacts/artifact/']", has_text=key)
        cards.filter(has_text=about).click()
        self.page.get_by_role("tab", name="Raw").wait_for()

    def count_in_table(self, what: str) -> int:
        """The count beside a word in an artifact's table."""
        word = self.page.get_by_role("cell", name=what, exact=True)
        row = self.page.get_by_role("row").filter(has=word)
        return int(row.get_by_role("cell").nth(1).inner_text().replace(",", ""))
