"""Work in a child process."""

from __future__ import annotations

import os
import signal

import pytest
from django.db import connection

from accounts.models import User
from applications.apart import Died, apart
from applications.printing import PdfUnavailable

pytestmark = pytest.mark.once


def pid() -> bytes:
    return str(os.getpid()).encode()


def unfit() -> bytes:
    raise PdfUnavailable("apt-get install …")


def killed() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


@pytest.mark.django_db(transaction=True)
def test_a_child_makes_it_and_what_it_raises_is_raised_here() -> None:
    assert User.objects.count() == 0  # the connection is open
    assert apart(pid) != pid()
    with pytest.raises(PdfUnavailable, match="apt-get install …"):
        apart(unfit)
    with pytest.raises(Died):
        apart(killed)
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_in_a_transaction_it_is_made_here() -> None:
    assert connection.in_atomic_block
    assert apart(pid) == pid()
