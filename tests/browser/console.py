"""What a page complains of in the browser's console: nobody sees it there, so tests listen."""

import re
from dataclasses import dataclass, field
from typing import Any

HARMLESS = {
    r"null \(reading 'processLuminoMessage'\)": "ipywidgets' views let a message go on to a widget that was just closed",
    r"/voila/api/shutdown/": "Voila's own goodbye of a page that was opened by a direct link is refused; the kernel is culled",
    r"<rect> attribute (width|height): A negative value .*/bqplot/": "bqplot draws while a step is just opening, then again",
}
"""What is no fault of ours, by a pattern for the message or its source, each with its reason."""


@dataclass
class Console:
    """Listens to a page.

    Attributes:
        faults: the errors that were logged, and the exceptions that nobody caught.
    """

    faults: list[str] = field(default_factory=list)

    def listen(self, page: Any) -> None:
        """Take down what the page says from now on."""
        page.on("console", lambda message: message.type == "error" and self._take(message.text, message.location["url"]))
        page.on("pageerror", lambda error: self._take(str(error), ""))

    def _take(self, words: str, source: str) -> None:
        told = f"{words} {source}".strip()
        if not any(re.search(pattern, told) for pattern in HARMLESS):
            self.faults.append(told[:1000])
