"""`allysim live` from the command line: what it refuses, how it stops, and that nothing of it stays behind."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from allysim.cli import main


@pytest.mark.parametrize(("args", "said"), [
    (["port=many"], "port=many is not allowed"), (["port=70000"], "from 1 to 65535"), (["host="], "host= has no value"),
    (["out=x"], "out and outcome are not for a live page"), (["scenrio=calm"], "did you mean 'scenario'?"),
    (["strategy=a,b"], "takes one value here"), (["host=203.0.113.1", "port=8099"], "cannot be listened on"),
])
def test_what_cannot_be_served_is_refused(args, said, capsys):
    assert main(["live", *args]) == 2
    assert said in capsys.readouterr().err


def test_a_taken_port_is_told(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["live", f"port={port}"]) == 2
    assert f"host=127.0.0.1 port={port} cannot be listened on" in capsys.readouterr().err


@pytest.fixture
def command(tmp_path):
    """`allysim live` in a process of its own, with its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"import sys; from allysim.cli import main; sys.exit(main(['live', 'firms.n=20', 'port={port}']))"
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    assert running.stdout.readline().startswith(f"Open:  http://127.0.0.1:{port}")
    yield running, port
    running.kill()
    running.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_stops_from_the_command_line(command, sign):
    running, port = command
    with socket.create_connection(("127.0.0.1", port), 10) as asked:
        asked.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        assert asked.recv(100).startswith(b"HTTP/1.1 200")
    running.send_signal(sign)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0 and "stopped" in out and "Traceback" not in err


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are looked up as Linux has them")
def test_its_workers_go_with_it_even_when_it_is_killed(command):
    running, _ = command
    children, until = [], time.monotonic() + 60
    while len(children) < 2 and time.monotonic() < until:  # a worker, and what tracks its resources
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        time.sleep(.2)
    assert len(children) >= 2
    running.kill()
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < until:
        time.sleep(.2)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
