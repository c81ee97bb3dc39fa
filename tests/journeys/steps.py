"""What stories of the chat page do again and again."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def send(page: Page, text: str) -> None:
    """Type a message and send it with the keyboard."""
    page.locator("#message").fill(text)
    page.keyboard.press("Enter")


def answered(page: Page, number: int = 1) -> None:
    """Wait for the end of an answer."""
    expect(page.locator(f"#x{number}-copy")).to_be_visible()


def law_here(page: Page) -> Locator:
    """Open the panel."""
    page.locator("#law-open").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    return panel


def told(panel: Locator, term: str) -> Locator:
    """What a list of facts says of a term."""
    return panel.locator(f"dt:text-is('{term}') + dd")
