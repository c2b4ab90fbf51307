"""What was typed into a page whose sign-in has ended: kept in the pages of the sign-in, for its writer.

Every form says, signed, who it was drawn for (``templatetags.forms``). A POST that comes too late is answered by a page
that carries what was typed, signed too, in a hidden field of the sign-in form; signed in again, the same person gets it
back in a form that only has to be sent once more. Between password and second factor it waits in the session, and
nowhere else. Files do not come along: a page cannot fill in a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.http import WORTH_KEEPING
from accounts.models import User

FIELD = "kept"
TYPIST = "typist"
NOT_TYPED = frozenset({"csrfmiddlewaretoken", TYPIST})
LARGEST = 500_000  # characters in all
LONGEST = timedelta(hours=12)
NEVER = ("/accounts/", "/admin/", "/i18n/")  # passwords, and what is of no case
OPTION = re.compile("[a-z0-9_]+")
_SIGNER = signing.Signer(salt="accounts.typist")


@dataclass(frozen=True)
class Kept:
    """A POST that came too late: where to, name and value of each field, and whether it had files.

    ``typist`` is the id of the person whose page it came from, as text; "" where that is not known.
    """

    path: str
    typist: str
    fields: tuple[tuple[str, str], ...]
    files: bool

    @property
    def texts(self) -> list[str]:
        """What is worth showing: long enough, and no option of a list."""
        texts = (text for _name, text in self.fields if len(text.strip()) >= WORTH_KEEPING)
        return [text for text in texts if not OPTION.fullmatch(text)]

    def sealed(self) -> str:
        """The value of the hidden field."""
        return signing.dumps([self.path, self.typist, self.fields, self.files], salt="accounts.kept", compress=True)


def typist(user: User) -> str:
    """What a form says of the person whom it was drawn for."""
    return _SIGNER.sign(str(user.pk))


def posted(request: HttpRequest) -> Kept | None:
    """What this POST says, where somebody typed a text; None too where nobody is to see it again."""
    if request.path.startswith(NEVER):
        return None
    fields = tuple((name, text) for name, many in request.POST.lists() if name not in NOT_TYPED for text in many)
    try:
        typed_by = _SIGNER.unsign(request.POST.get(TYPIST, ""))
    except signing.BadSignature:
        typed_by = ""
    found = Kept(request.get_full_path(), typed_by, fields, bool(request.FILES))
    return found if found.texts else None


def carried(request: HttpRequest) -> Kept | None:
    """What the sign-in form that was posted carries; None where that is nothing, not ours, or too old."""
    return _opened(request.POST.get(FIELD, ""))


def put_by(request: HttpRequest) -> None:
    """The password was right: what its form carries waits for the end of the sign-in."""
    if sealed := request.POST.get(FIELD):
        request.session[FIELD] = sealed


def taken_up(request: HttpRequest) -> Kept | None:
    """What waited for this sign-in, which has ended now; None as ``carried``."""
    return _opened(request.session.pop(FIELD, ""))


def _opened(sealed: str) -> Kept | None:
    try:
        path, typed_by, fields, files = signing.loads(sealed, salt="accounts.kept", max_age=LONGEST)
    except signing.BadSignature:
        return None
    return Kept(path, typed_by, tuple((name, text) for name, text in fields), files)


def sign_in_again(request: HttpRequest, found: Kept) -> HttpResponse:
    """403: the text, with a sign-in form that carries it; by itself, to be copied, where its writer is not known."""
    size = sum(len(name) + len(text) for name, text in found.fields)
    sealed = found.sealed() if found.typist and size <= LARGEST else ""
    return render(request, "signed_out.html", {"kept": found, "sealed": sealed}, status=403)


def send_again(request: HttpRequest, found: Kept, *, status: int = 200) -> HttpResponse | None:
    """What was typed in a form to be sent once more; None where it is not of the person who is signed in."""
    if not isinstance(request.user, User) or found.typist != str(request.user.pk):
        return None
    return render(request, "send_again.html", {"kept": found}, status=status)
