"""What all tests share: the switch that rewrites golden files, and that no test is skipped unseen in CI."""

import importlib.util
import os
from collections.abc import Generator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

IN_CI = os.environ.get("CI") == "true"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="Write golden files anew; then read the diff.")


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI every test must run: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and in CI every test must run: {report.longrepr}"
    return report


NEEDED = {
    "test_batch*.py": ("duckdb", "sqlglot", "pyarrow"),
    "test_lists*.py": ("duckdb", "sqlglot", "pyarrow"),
    "test_spark*.py": ("duckdb", "sqlglot", "pyarrow"),
    "test_store*.py": ("duckdb", "pyarrow"),
}
"""Test modules → the packages of the extra batch that they import at once."""


class Lacking(pytest.Module):
    """A module of tests that cannot be imported here."""

    package = ""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        pytest.skip(f"the package {self.package} is missing (pip install 'screening[batch]')", allow_module_level=True)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, Any, Any]:
    """Without an extra its tests, and the examples in them, are skipped with a reason and do not end the collection."""
    found = yield
    needed = (name for pattern, names in NEEDED.items() if fnmatch(file_path.name, pattern) for name in names)
    lacking = next((name for name in needed if importlib.util.find_spec(name) is None), None)
    if lacking is None:
        return found
    skipped: Lacking = Lacking.from_parent(parent, path=file_path)
    skipped.package = lacking
    return [skipped]
