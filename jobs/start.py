"""The way in of the installed command, outside of the package whose name another distribution has too."""

from __future__ import annotations

import gc
import sys

OTHER = (
    "Error: another distribution called `eventstudy` has put its files among those of eventstudy-service; "
    "uninstall both, then install this one: pip uninstall eventstudy eventstudy-service && "
    "pip install eventstudy-service"
)


def main() -> None:
    """Run the command line, unless what is imported under our name is not ours."""
    gc.disable()  # as the command line goes on to do; nothing of what is imported is garbage
    try:
        import eventstudy
        from eventstudy.cli import main as run
    except ImportError:
        if _is_ours():
            raise
        sys.exit(OTHER)
    if "run_study" not in getattr(eventstudy, "__all__", ()):
        sys.exit(OTHER)
    run()


def _is_ours() -> bool:
    """Whether nobody else has installed files under our name."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("eventstudy")
    except PackageNotFoundError:
        return True
    return False
