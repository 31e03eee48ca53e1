"""The command line: finds the command, turns unusable input into one line, keeps the exit status promises.

0 done; 1 done, but input rows were left out; 2 unusable input.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper

import click

from screening import __version__
from screening.app.leaving import tidied_up

COMMANDS = {
    "demo": "Screen the sample patients against the five trials and explain one of them.",
    "compile": "Compile a registry document into a rule file to review.",
    "sign": "Sign a reviewed rule file.",
    "lint": "List what is unclear, assumed or contradictory in registry documents and rule files.",
    "extract": "List the atomic comparisons, or the time windows, of registry documents.",
    "screen": "Screen patients against a trial on a date.",
    "boundaries": "Show the outcome just below, at and just above every limit of a trial, to check and sign.",
    "diff": "Compare two versions of a trial: what is looser, tighter or the same, proved, and for whom.",
    "test": "Try laws, boundary cases and changed limits on a rule file.",
    "batch": "Screen every patient of a store against one or more trials at once, on a date.",
    "list": "Answer from the result of a batch who is nearest, what is missing, what each criterion costs.",
    "store": "Bring patients to one long-format shape that many can be screened from, and check it.",
}

EXTRAS = {"duckdb": "batch", "hypothesis": "test", "pyarrow": "batch", "sqlglot": "batch"}
"""Packages without which a command can only show its help (`later`), and the extra that brings them."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class LazyGroup(click.Group):
    """Knows its commands by name and line of help; imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The names, in the order in which a new user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- as above
        """The command *cmd_name*, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"screening.app.commands.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- as above
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="screening", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Reads a trial's eligibility text, compiles what is formal in it into typed, unit-aware rules that a person can
    review and sign, and screens patients against them, with the arithmetic shown. What it cannot read it says.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: list[str]) -> int:
    """Runs one command line and returns its exit status. Click's own `main` would exit by itself on a closed pipe."""
    try:
        with cli.make_context("screening", list(arguments)) as context:
            status = _invoked(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as problem:
        return _refuse(problem)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _leave_quietly()
    return status if isinstance(status, int) else 0


def _invoked(context: click.Context) -> object:
    """Runs the command; a package of an extra that is not there is a remedy, not a traceback."""
    try:
        return cli.invoke(context)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        remedy = f"Install it with: pip install 'screening[{extra}]'"
        name = context.invoked_subcommand
        raise click.ClickException(f"{name}: needs the package {error.name}. {remedy}") from None


def _refuse(problem: click.ClickException) -> int:
    """One line, whatever the message holds; click's own would print the usage above it."""
    message = " ".join(problem.format_message().split())
    if isinstance(problem, click.UsageError):
        path = problem.ctx.command_path if problem.ctx else "screening"
        message = f"{message} See {path} --help."
    click.echo(f"screening: {message}", err=True)
    return 2


def _leave_quietly() -> int:
    """The reader of our output has gone (`| head`): nothing is wrong, and nothing more may be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    with tidied_up():
        sys.exit(run(sys.argv[1:]))
