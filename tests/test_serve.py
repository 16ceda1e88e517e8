"""`onrecord serve` as a process: it answers, tells its port, and stops when asked."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from service.opening import listen
from service.settings import Settings


@pytest.fixture
def server(tmp_path):
    """The command on a free port over the samples' folder of one; ended at the end."""
    talks = tmp_path / "talk.txt"
    talks.write_text("Ann Berg: The bridge opened in May.\n\nBo Lund: It did.\n\nAnn Berg: Yes.\n")
    program = "import sys; from service.cli import main; sys.exit(main())"
    environment = os.environ | {"ONRECORD_LIBRARY": str(tmp_path / "library")}
    command = [sys.executable, "-c", program]
    subprocess.run([*command, "index", str(talks)], env=environment, check=True)
    process = subprocess.Popen(
        [*command, "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    address = re.search(r"http://127\.0\.0\.1:[1-9]\d*", process.stderr.readline())[0]
    yield address, process, environment, command
    process.kill()
    process.wait()
    process.stderr.close()


def test_it_answers_with_the_real_model_and_no_torch(server):
    """The question shares words with the first paragraph; torch is in no mapped file."""
    address, process, _, _ = server
    body = json.dumps({"question": "When did the bridge open?", "k": 1}).encode()
    request = urllib.request.Request(
        f"{address}/v1/ask", data=body, headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as response:
        citation = json.load(response)["citations"][0]
    assert (citation["speaker"], citation["paragraph"]) == ("Ann Berg", 1)
    assert "libtorch" not in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")


def test_it_stops_when_asked(server):
    """SIGTERM ends it without a traceback."""
    _, process, _, _ = server
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert "Traceback" not in process.stderr.read()


def test_a_port_in_use_is_told_in_a_sentence(server):
    """And which options choose another."""
    address, _, environment, command = server
    port = address.rsplit(":", 1)[1]
    second = subprocess.run(
        [*command, "serve", "--port", port], env=environment, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_answer_does_not_wait_for_an_acknowledgement():
    """What is accepted inherits it from the socket that listens."""
    with (
        listen(Settings(port=0)) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_settings_have_their_defaults():
    """The service listens on this machine alone unless told otherwise."""
    settings = Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
