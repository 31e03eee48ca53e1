"""What users install works without the checkout: the wheel, in an empty environment, screens from there."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

DOCUMENT = """Inclusion Criteria:
1. Age 18 to 75 years
2. Platelets ≥ 100 × 10^9/L
Exclusion Criteria:
1. ALT > 2.5 × ULN
"""

pytestmark = pytest.mark.network


def _installs(*arguments: str, python: str = sys.executable) -> None:
    """Runs pip. Without a package index there is nothing to test, and the reason is the test's."""
    done = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode and "CI" not in os.environ and "No matching distribution found" in done.stderr:
        pytest.skip("no package index answers, so the wheel's requirements cannot be installed")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _installs("wheel", "--no-deps", "--quiet", "--wheel-dir", str(folder), str(ROOT))
    (path,) = folder.glob("screening-*.whl")
    return path


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the console scripts of an environment that holds the wheel and what it requires."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    _installs("install", "--quiet", str(wheel), python=str(scripts / "python"))
    return scripts


def _screening(scripts: Path, folder: Path, *arguments: str) -> str:
    """Runs the installed program away from the checkout."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [scripts / "screening", *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_rules_grammars_samples_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("_data/rules/units.toml", "_data/rules/trials/", "_data/grammars/", "app/samples/", "/LICENSE"):
        assert any(part in name for name in names), f"no {part} in the wheel"


def test_the_wheel_holds_no_tests(wheel: Path) -> None:
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "tests/" in name]


def test_the_installed_program_screens(scripts: Path, tmp_path: Path) -> None:
    assert "NCT03619954" in _screening(scripts, tmp_path, "demo")


def test_the_installed_program_compiles(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "trial.txt").write_text(DOCUMENT, encoding="utf8")
    assert "platelets >= 100" in _screening(scripts, tmp_path, "compile", "trial.txt")
