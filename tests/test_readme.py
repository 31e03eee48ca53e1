"""The README is true: its commands run and print what it shows, and every command and option is in it.

A fenced block after `<!-- file: NAME -->` is a file; one after `<!-- run -->` is a session: lines that start with "$ "
are commands, the lines below their output, in which a line "..." stands for any number of lines. `pytest --rewrite
tests/test_readme.py` writes anew the output of the commands that are shown whole. `<!-- python -->` blocks are run.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

import screening
from screening.app.cli import COMMANDS, cli

README = Path(__file__).parent.parent / "README.md"
MARKED = re.compile(
    r"<!-- (file: (?P<name>\S+)|run|python) -->\n(?P<fence>`{3,})\w*\n(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
HASH = re.compile(r"\b[0-9a-f]{12}\b")
PLACE = re.compile(r"`((?:screening|rules|grammars|tests)/[\w./]*)`")
COMMAND = re.compile(r"^\$ (?P<line>.*(?<!\\)(?:\\\n.*(?<!\\))*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """One command of a session and the output shown for it."""

    line: str
    output: str

    @property
    def whole(self) -> bool:
        return "\n...\n" not in f"\n{self.output}"

    def matches(self, got: str) -> bool:
        """Whether *got* is the output shown. A hash changes with every rule file, so any hash will do for another."""
        parts = re.split(r"^\.\.\.\n", HASH.sub("HASH", self.output), flags=re.MULTILINE)
        return re.fullmatch(".*?".join(map(re.escape, parts)), HASH.sub("HASH", got), re.DOTALL) is not None


def _text() -> str:
    return README.read_text(encoding="utf8")


def _blocks(kind: str) -> list[re.Match[str]]:
    return [block for block in MARKED.finditer(_text()) if block.group(1).startswith(kind)]


def _steps() -> list[Step]:
    return [Step(**match.groupdict()) for block in _blocks("run") for match in COMMAND.finditer(block["body"])]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the README's files and a `screening` command in front of everything else."""
    folder = tmp_path_factory.mktemp("desk")
    for block in _blocks("file"):
        (folder / block["name"]).write_text(block["body"], encoding="utf8")
    program = folder / ".bin" / "screening"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m screening "$@"\n')
    program.chmod(0o755)
    return folder


def _run(line: str, folder: Path) -> str:
    """What a command prints on both streams. Runs without a terminal, as in a pipe."""
    paths = {
        "PATH": f"{folder / '.bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(screening.__file__).parent.parent),
    }
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, env=os.environ | paths, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}: exit status {done.returncode}: {done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="the README's sessions are bash sessions")
def test_sessions_print_what_the_readme_shows(desk: Path, rewrite: bool) -> None:
    assert len(_steps()) >= 5
    for step in _steps():
        got = _run(step.line, desk)
        if rewrite and step.whole:
            shown, printed = (f"$ {step.line}\n{output}" for output in (step.output, got))
            README.write_text(_text().replace(shown, printed), encoding="utf8")
            continue
        assert step.matches(got), f"the README shows for `{step.line}`:\n{step.output}\nbut it prints:\n{got}"


def test_python_examples_run(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    assert _blocks("python")
    for block in _blocks("python"):
        exec(compile(block["body"], "README.md", "exec"), {})  # noqa: S102 -- running it is the test


def test_a_session_that_shows_something_else_is_noticed() -> None:
    assert Step("x", "a\n...\nz\n").matches("a\nb\nc\nz\n")
    assert not Step("x", "a\n...\nz\n").matches("a\nb\ny\n")
    assert not Step("x", "a\n").matches("a\nb\n")


def _parameters(name: str) -> list[click.Parameter]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = _text()
    assert f"screening {name}" in text
    missing = [option for parameter in _parameters(name) for option in parameter.opts if option not in text]
    assert not missing, f"README.md does not mention {missing} of screening {name}"


@pytest.mark.parametrize("name", screening.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert name == "__version__" or f"screening.{name}" in _text()


@pytest.mark.parametrize("path", sorted(set(PLACE.findall(_text()))))
def test_every_place_the_readme_names_exists(path: str) -> None:
    assert (README.parent / path).exists()
