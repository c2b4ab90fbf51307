"""Throw-away PostgreSQL, Redis, Celery worker and mail server. Each ends with the process that started it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells every line of every dialogue


def wait_until(ready: Callable[[], Any], *, seconds: float, what: str) -> None:
    """Ask ``ready`` again and again.

    Raises:
        TimeoutError: still not after ``seconds``.
    """
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class PortTaken(RuntimeError):
    """Between pg_virtualenv's choice of a port and its use of it, somebody else took it."""


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """A fresh PostgreSQL cluster; yields the PG… variables that lead to it."""
    for tries_left in (3, 2, 1, 0):
        try:
            process, found = _start_postgres()
            break
        except PortTaken:  # another suite started in the same moment: the next choice is another port
            if not tries_left:
                raise
    try:
        yield found
    finally:
        process.communicate(timeout=60)


def _start_postgres() -> tuple[subprocess.Popen[str], dict[str, str]]:
    """The process that keeps the cluster, and the PG… variables.

    The cluster lives as long as the pipe to ``cat`` is open, so it goes away even when this process is killed.
    """
    report = 'for name in PGHOST PGPORT PGUSER PGPASSWORD; do echo "=$name=${!name}"; done; echo ready; exec cat'
    command = ["pg_virtualenv", "-t", "-o", "fsync=off", "-o", "synchronous_commit=off", "bash", "-c", report]
    try:
        process = subprocess.Popen(
            command,
            env={**os.environ, "TMPDIR": "/tmp"},  # noqa: S108 - the server's own user must be able to enter
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a Ctrl-C is for the tests; the cluster ends after them
        )
    except FileNotFoundError:
        raise RuntimeError("pg_virtualenv is missing: make setup, or set DATABASE_URL") from None
    assert process.stdin
    assert process.stdout
    said, found = [], {}
    for line in process.stdout:
        said.append(line)
        if line == "ready\n":
            break
        if line.startswith("="):
            _, name, value = line.rstrip("\n").split("=", 2)
            found[name] = value
    else:
        process.wait()
        log = "".join(said)
        raise (PortTaken if "Address already in use" in log else RuntimeError)("PostgreSQL did not start:\n" + log)
    return process, found


@contextmanager
def redis(folder: Path) -> Iterator[Path]:
    """A redis-server of our own in ``folder``; yields its socket."""
    path = folder / "redis.sock"
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen([ROOT / ".ci/redis", folder / "redis", path], stdout=log, stderr=log)
    try:
        wait_until(lambda: path.exists() or process.poll() is not None, seconds=20, what="redis-server")
        if process.poll() is not None:
            raise RuntimeError("redis-server did not start:\n" + (folder / "redis.log").read_text())
        yield path
    finally:
        process.terminate()
        process.wait(20)


class CeleryWorker:
    """A real worker process. ``env`` is added to ours and must lead it to the test database and broker."""

    def __init__(self, *, env: dict[str, str], log: Path) -> None:
        self.env = {**os.environ, **env}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "wfh_portal", "worker"]
        options = ["--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = process = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

        def is_ready() -> bool:
            if process.poll() is not None:
                raise RuntimeError("the Celery worker did not start:\n" + self.log.read_text())
            return b" ready." in self.log.read_bytes()[begin:]

        wait_until(is_ready, seconds=60, what="Celery worker")

    def stop(self) -> None:
        """End it kindly: it finishes the task at hand."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def kill(self) -> None:
        """kill -9, its children too."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)


class MailServer:
    """An SMTP server on the loopback that keeps what it is sent. Set ``refuse`` to an SMTP answer to turn mail away."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuse: str | None = None
        self._lock = threading.Lock()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            return self.refuse
        with self._lock:
            self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    def wait_for(self, count: int, *, seconds: float = 30) -> list[EmailMessage]:
        """The messages, once there are ``count`` of them."""
        wait_until(lambda: len(self.messages) >= count, seconds=seconds, what=f"{count} messages")
        return self.messages

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()
