"""The way in of the command, outside of the package whose name another distribution has too."""

from __future__ import annotations

import gc
import sys

OTHER = (
    "Error: another distribution called `eventstudy` has put its files among those of eventstudy-service; "
    "uninstall both, then install this one: pip uninstall eventstudy eventstudy-service && "
    "pip install eventstudy-service"
)
LACKS = (
    "Error: files of eventstudy-service are missing, as after `pip uninstall eventstudy`, which takes those that it "
    "has overwritten; install it again: pip install --force-reinstall eventstudy-service"
)


def main() -> None:
    """Run the command line, unless what is imported under our name is not ours."""
    gc.disable()  # as the command line goes on to do; nothing of what is imported is garbage
    try:
        import eventstudy
        from eventstudy.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)  # nothing was begun
    except ImportError:
        if other := _other():
            sys.exit(other)
        raise
    if "run_study" not in getattr(eventstudy, "__all__", ()):
        sys.exit(_other() or OTHER)
    run()


def _other() -> str:
    """What is wrong where another package comes before ours, or has put its files among them; else nothing."""
    from importlib.metadata import PackageNotFoundError, version
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("eventstudy")
    ours = Path(__file__).parents[1] / "eventstudy"
    if spec is None or spec.origin is None:
        return LACKS
    if (found := Path(spec.origin).parent) != ours:
        remedy = "take its folder off PYTHONPATH, or rename it"
        return f"Error: {found} is imported as `eventstudy` in place of eventstudy-service in {ours}; {remedy}"
    try:
        version("eventstudy")
    except PackageNotFoundError:
        return ""
    return OTHER
