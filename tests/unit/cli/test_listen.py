"""`bursar events listen` before and after it listens; listening is tested in tests/faults."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from bursar.cli.listen import listen
from bursar.errors import BursarError, ExitCode
from bursar.listener.access import TOKEN_VARIABLE
from tests.support.listening import body, listener_process, recent, request


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    return tmp_path


def test_it_refuses_a_public_address_without_a_token(root: Path) -> None:
    with pytest.raises(BursarError, match="there is no token") as refused:
        listen(host="0.0.0.0", port=0, project_dir=root)
    assert refused.value.exit_code is ExitCode.BAD_USAGE
    assert not (root / "landing").exists()


def test_a_port_that_is_taken_is_told(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BursarError, match=f"Cannot listen on 127.0.0.1, port {port}"):
            listen(port=port, project_dir=root)


def test_it_says_what_it_does_and_ends_well(root: Path) -> None:
    token = root / "token"
    token.write_text("0123456789abcdef\n")
    with listener_process(root, "--token-file", str(token)) as started:
        assert request(started.port, content=body(recent("a"))).status == 401
        headers = {"Content-Type": "application/json", "Authorization": "Bearer 0123456789abcdef"}
        assert request(started.port, content=body(recent("a")), headers=headers).status == 200
        code, said = started.end(signal.SIGTERM)
    assert code == 0, said
    batch, last = said.splitlines()
    assert batch.endswith(": read 1 = accepted 1 + duplicate 0 + rejected 0")
    assert last == "Everything that was taken is landed."


def test_a_second_listener_is_refused(root: Path) -> None:
    with listener_process(root), pytest.raises(BursarError, match="Another listener") as refused:
        listen(port=0, project_dir=root)
    assert refused.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
