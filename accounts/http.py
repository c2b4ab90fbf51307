"""The request behind the sign-in, and what was typed into one that came to nothing."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from accounts.models import User

WORTH_KEEPING = 10  # characters; shorter is chosen or typed again at once
SECRET = ("csrfmiddlewaretoken", "password")


class Request(HttpRequest):
    """A request of somebody who is signed in; the middleware lets no other through. For annotations alone."""

    user: User


def typed(request: HttpRequest) -> list[str]:
    """The longer texts of a POST, to be shown and copied; none where the body could not be read. Never a password."""
    try:
        lists = [many for name, many in request.POST.lists() if not any(one in name for one in SECRET)]
    except (OSError, SuspiciousOperation):  # the line broke, or the body was refused
        return []
    return [text for many in lists for text in many if len(text.strip()) >= WORTH_KEEPING]
