"""Nothing but the sign-in pages is seen by somebody who has not signed in."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse

OPEN = ("/accounts/", "/i18n/", "/static/")


class RequireSignInMiddleware(LoginRequiredMiddleware):
    """Django's login requirement, with the sign-in and language pages left open."""

    def process_view(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.path.startswith(OPEN):
            return None
        return super().process_view(request, view_func, args, kwargs)  # type: ignore[arg-type]
