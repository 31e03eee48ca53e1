"""A batch by Spark Connect, against a server of its own, writes the same bytes; skipped where there is no Spark."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests import batch_stores as stores
from tests.test_spark import LACKING, TRIAL, batch

CLIENT = [
    f"the package {name} (pip install 'screening[spark]')"
    for name in ("grpc", "grpc_status", "google.rpc", "pandas")
    if importlib.util.find_spec(name.split(".")[0]) is None
]
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
SECONDS = 120
"""A server may take to start."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that runs elsewhere in the file system. In CI a missing package is a failure."""
    lacking = [*LACKING, *CLIENT]
    if lacking and os.environ.get("CI"):
        pytest.fail(f"no Spark Connect: {lacking[0]} is missing")
    if lacking:
        pytest.skip(f"no Spark Connect: {lacking[0]} is missing")
    package = importlib.util.find_spec("pyspark")
    assert package is not None
    assert package.origin is not None
    home, port = Path(package.origin).parent, free_port()
    given = {"spark.connect.grpc.binding.port": port, "spark.ui.enabled": "false"}
    settings = [part for name, value in given.items() for part in ("--conf", f"{name}={value}")]
    command = [str(home / "bin" / "spark-submit"), "--class", SERVER, "--master", "local[2]", *settings]
    folder = tmp_path_factory.mktemp("server")
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_CONNECT_MODE": "0"}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment) as server,
    ):
        try:
            until = time.monotonic() + SECONDS
            while not answers(port):
                assert server.poll() is None, (folder / "log").read_text(encoding="utf8")[-2000:]
                assert time.monotonic() < until, f"no server after {SECONDS} s"
                time.sleep(0.2)
            yield f"sc://localhost:{port}"
        finally:
            server.terminate()


def test_the_command_writes_the_same_bytes(remote: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client needs no Java of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    stores.write(tmp_path / "store", stores.ordered_store(Random(5), 60))  # noqa: S311 -- test data
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    monkeypatch.chdir(tmp_path)
    here, there = Path("duckdb.parquet"), Path("spark.parquet")
    assert batch(Path(), here, "--margins").returncode == 0
    done = batch(Path(), there, "--margins", "--engine", "spark", "--remote", remote)
    assert done.returncode == 0, done.stderr
    assert "60 patients, spark" in done.stdout
    assert there.read_bytes() == here.read_bytes()


def test_a_server_that_is_not_there_is_one_line(remote: str, tmp_path: Path) -> None:
    stores.write(tmp_path / "store", stores.ordered_store(Random(5), 5))  # noqa: S311 -- test data
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    port = free_port()
    assert not remote.endswith(f":{port}")
    done = batch(tmp_path, tmp_path / "out.parquet", "--engine", "spark", "--remote", f"sc://localhost:{port}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot be reached" in done.stderr
