"""What a reader sees of a page: its pieces of text, what is seen and what is spoken."""

from __future__ import annotations

from html.parser import HTMLParser

# Never read: code and styles. Spoken: what stands in these attributes.
UNREAD = ("script", "style", "code", "pre")
SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-label", "content")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in UNREAD
        if tag == "meta" and not any(value and value.startswith(("og:title", "og:desc", "desc")) for _, value in attrs):
            return
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread and data.strip():
            self.found.append(" ".join(data.split()))


def texts(page: str) -> list[str]:
    """The pieces of text of a page, in its order: what is seen, and what a screen reader says."""
    parser = _Texts()
    parser.feed(page)
    return parser.found
