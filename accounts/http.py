"""The request behind the sign-in."""

from django.http import HttpRequest

from accounts.models import User


class Request(HttpRequest):
    """A request of somebody who is signed in; the middleware lets no other through. For annotations alone."""

    user: User
