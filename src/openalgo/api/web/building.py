"""The page that stands in for the web app while there is none."""

from collections import deque
from collections.abc import Iterable
from html import escape

from openalgo.api.docs import DOCS_PATH
from openalgo.domain.words import Word

SHOWN_LINES = 20
NO_APP = "This server has no web app."


class BuildState(Word):
    """ABSENT: there is nothing to build, or nothing to build it with."""

    ABSENT = "absent"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class BuildStatus:
    """How the web app is coming along: a state, a sentence, and the last lines of the build."""

    def __init__(self) -> None:
        self.state = BuildState.ABSENT
        self.message = NO_APP
        self.lines: deque[str] = deque(maxlen=SHOWN_LINES)

    def says(self, state: BuildState, message: str) -> None:
        self.state, self.message = state, message


_HEADINGS = {
    BuildState.ABSENT: "There is no web app here",
    BuildState.BUILDING: "The web app is being built",
    BuildState.READY: "The web app is ready",
    BuildState.FAILED: "The web app could not be built",
}


def building_page(status: BuildStatus) -> bytes:
    """It needs neither script nor style."""
    return "\n".join(_page(status)).encode()


def _page(status: BuildStatus) -> Iterable[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield "<title>OpenAlgo</title></head><body><main>"
    yield f"<h1>{_HEADINGS[status.state]}</h1>"
    yield f'<p role="status">{escape(status.message)}</p>'
    yield "<p>Trading, the API and its feeds work meanwhile.</p>"
    if status.lines:
        yield f"<pre>{escape(chr(10).join(status.lines))}</pre>"
    yield f'<p><a href="{DOCS_PATH}">API documentation</a></p>'
    yield "</main></body></html>"
