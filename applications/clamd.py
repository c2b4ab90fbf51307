"""Asks clamd whether bytes are known to be malicious: its INSTREAM command, nothing else of it."""

from __future__ import annotations

import socket
import struct
from typing import IO
from urllib.parse import urlsplit

CHUNK = 256 * 1024
LONGEST = 4096  # bytes of an answer
PORT = 3310


class Unavailable(Exception):
    """No answer: it is down, away, or slower than we wait. ``str()`` says which."""


class Failed(Exception):
    """It answered, but not about these bytes (they are over its own limits, say); ``str()`` is what it said."""


def scan(data: IO[bytes], *, url: str, timeout: float) -> str:
    """The name of what was found in ``data``, "" where nothing was.

    Args:
        data: read from where it stands to its end, in pieces.
        url: ``unix:///path/of/the/socket`` or ``tcp://host:port``.
        timeout: seconds that each step may take; the answer is one of them.

    Raises:
        Unavailable, Failed.
    """
    try:
        with _connect(url, timeout) as connection:
            _send(connection, data)
            answer = _answer(connection)
    except OSError as error:
        raise Unavailable(str(error) or type(error).__name__) from error
    said = answer.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    raise Failed(said) if said else Unavailable("no answer")


def _connect(url: str, timeout: float) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname, parts.port or PORT), timeout)
    if parts.scheme != "unix":
        raise ValueError(url)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    try:
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, data: IO[bytes]) -> None:
    """In pieces, each after its length; a length of nothing is the end."""
    try:
        connection.sendall(b"zINSTREAM\0")
        while chunk := data.read(CHUNK):
            connection.sendall(struct.pack(">I", len(chunk)) + chunk)
        connection.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        return  # it wants no more and says why


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST and (more := connection.recv(LONGEST)):
        answer += more
    return answer
