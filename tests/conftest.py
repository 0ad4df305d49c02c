"""What holds for every test: no network, no settings from the caller's shell, no waiting, no chance."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import stamina

# Same examples on every run and every machine; a slow machine is no failure.
hypothesis.settings.register_profile("eventstudy", deadline=None, derandomize=True, database=None)
# Other examples every time: HYPOTHESIS_PROFILE=random, and pytest's --hypothesis-seed to see the same ones again. A
# failure prints the line that reproduces it; what is found becomes an @example.
hypothesis.settings.register_profile("random", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "eventstudy"))


def is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """Fail a test that talks to another machine through Python's sockets."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            pytest.fail(f"a test tried to reach {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def retries_without_waiting() -> Iterator[None]:
    """Retry as often as the code says, with no pause between."""
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


@pytest.fixture(autouse=True)
def no_settings_from_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove EVENTSTUDY_* variables, which override config.yaml."""
    for name in [n for n in os.environ if n.startswith("EVENTSTUDY_")]:
        monkeypatch.delenv(name)
