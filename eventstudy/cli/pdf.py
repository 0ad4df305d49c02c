"""The option ``--pdf``, and what it writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from eventstudy.cli.common import NewFile
from eventstudy.errors import DataError

BESIDE = ""  # the value of --pdf without one: beside the page


def pdf_option(help: str) -> Callable[[Callable[..., object]], Callable[..., object]]:  # noqa: A002  # as click has it
    """``--pdf [FILE]``."""
    return click.option(
        "--pdf", "pdf", is_flag=False, flag_value=BESIDE, callback=_checked, metavar="[FILE]", help=help
    )


def _checked(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value:
        NewFile().convert(value, param, ctx)
    return value


def place_of(pdf: str, page: Path) -> Path:
    """Where the PDF of a page goes."""
    return page.with_suffix(".pdf") if pdf == BESIDE else Path(pdf)


def write_pdf(path: Path, page: str) -> None:
    """Write a page as PDF."""
    from eventstudy import atomic
    from eventstudy.report.paper import as_pdf

    made = as_pdf(page)
    try:
        atomic.put(path, made)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise DataError(problem, where="--pdf", value=str(path), remedy="name another file") from None
