"""A real clamd on the loopback with one signature of our own; nothing is fetched."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import wait_until

MALICE = b"what the scanner of these tests looks for"
SIGNATURE = "Portal.Test.UNOFFICIAL"
LARGEST = "30M"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Clamd:
    """``url`` is its socket, ``tcp`` its port; ``stop`` and ``start`` as often as you like."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.socket = folder / "clamd.sock"
        self.url, self.tcp = f"unix://{self.socket}", f"tcp://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "signatures").mkdir()
        (folder / "signatures/test.ndb").write_text(f"Portal.Test:0:*:{MALICE.hex()}\n")
        settings = {
            "DatabaseDirectory": folder / "signatures",
            "LocalSocket": self.socket,
            "TCPAddr": "127.0.0.1",
            "TCPSocket": self.port,
            "Foreground": "yes",
            "MaxThreads": 2,
            "StreamMaxLength": LARGEST,
            "TemporaryDirectory": folder,
        }
        (folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    def start(self) -> None:
        with (self.folder / "clamd.log").open("ab") as log:
            command = ["clamd", "-c", str(self.folder / "clamd.conf")]
            self.process = process = subprocess.Popen(command, stdout=log, stderr=log)

        def listens() -> bool:
            if process.poll() is not None:
                raise RuntimeError("clamd did not start:\n" + (self.folder / "clamd.log").read_text())
            with socket.socket(socket.AF_UNIX) as probe:
                return probe.connect_ex(str(self.socket)) == 0

        wait_until(listens, seconds=60, what="clamd")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process = None
            self.socket.unlink(missing_ok=True)


@contextmanager
def clamd(folder: Path) -> Iterator[Clamd]:
    server = Clamd(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
