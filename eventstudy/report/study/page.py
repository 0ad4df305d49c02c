"""The page of a study of many events."""

from __future__ import annotations

from eventstudy.report.page import environment
from eventstudy.report.study.view import study_page
from eventstudy.report.study.words import Document


def render_study(document: Document, *, command: str = "", title: str = "") -> str:
    """Render the page of a study: equal documents, equal bytes.

    Parameters
    ----------
    document : mapping
        What ``StudyResult.to_dict()`` and ``eventstudy study --json`` give.
    command : str
        The command that makes the document again.
    title : str
        Heading; untrusted.
    """
    page = study_page(document, title=title, command=command)
    return environment().get_template("study.html.j2").render(page=page)
