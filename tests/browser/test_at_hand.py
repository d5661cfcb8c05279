"""What these tests press is whole, however slowly its page comes."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.browser.conftest import at_hand

pytestmark = pytest.mark.any_hour("a page of its own")
SECONDS = 1
PAGE = (
    b"""<!doctype html><title>Lente</title><button>Voter</button>""",
    b"""<p id="said"></p><script>
document.querySelector("button").addEventListener("click", () => { document.querySelector("#said").textContent = "entendu"; });
</script>""",
)


class Slow(BaseHTTPRequestHandler):
    """Sends its head, then each part of its page, one after a while."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.flush()
        for part in PAGE:
            time.sleep(SECONDS)
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def slow_page():
    with HTTPServer(("127.0.0.1", 0), Slow) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_page_that_comes_slowly_is_pressed_once_it_hears(chromium, slow_page):
    context = chromium.new_context()
    context.on("page", at_hand)
    try:
        page = context.new_page()
        page.goto(slow_page, wait_until="commit")
        # Between its head and its first byte, a document has no element at all.
        assert page.evaluate("document.documentElement") is None
        page.get_by_role("button", name="Voter").click()
        assert page.locator("#said").inner_text() == "entendu"
    finally:
        context.close()
