"""What a page answers to a press, a moment after it; and what it shows once all of it stands."""

from __future__ import annotations

from playwright.sync_api import expect

PATIENCE_MS, STEP_MS = 30_000, 50


def soon(page, read, wanted=True):
    """`read()` gives `wanted`, at once or in a while."""
    for _step in range(PATIENCE_MS // STEP_MS):
        if read() == wanted:
            return
        page.wait_for_timeout(STEP_MS)
    assert read() == wanted


def await_editors(page):
    """Each rich editor has its bar, in words, and its icons are drawn: until then they are as wide as their names."""
    expect(
        page.locator("[data-django-prose-editor-configurable]:not(.prose-editor:has([role=toolbar]) *)")
    ).to_have_count(0)
    page.evaluate("document.body.offsetWidth, document.fonts.ready.then(() => null)")
