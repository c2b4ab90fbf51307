"""Work in a child process: what memory it took goes back to the system. Drawing a PDF takes hundreds of megabytes."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import NoReturn

from django.db import connection, connections


class Died(Exception):
    """The child ended without an answer: killed, or out of memory."""


def apart(make: Callable[[], bytes]) -> bytes:
    """What ``make`` gives, or raises. In a transaction, which a child could not share, it is called here.

    Raises:
        Died: the child ended without an answer.
    """
    if connection.in_atomic_block:
        return make()
    connections.close_all()  # two processes on one connection would break it
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _answer(make, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise Died
    made, value = pickle.loads(answer)  # noqa: S301 - from our own child
    if made:
        return value
    raise value


def _answer(make: Callable[[], bytes], writing: int) -> NoReturn:
    try:
        try:
            answer = pickle.dumps((True, make()))
        except Exception as error:
            answer = pickle.dumps((False, error))
        with open(writing, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)  # nothing of what the parent would do at its end
