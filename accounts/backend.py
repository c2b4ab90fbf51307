"""Sign-in by django-allauth; the signed-in person is read together with the roles."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Membership, User


class PortalBackend(AuthenticationBackend):
    """allauth's backend, with user, roles and firm in one query on every request."""

    def get_user(self, user_id: int) -> User | None:
        memberships = list(Membership.objects.select_related("user").filter(user_id=user_id))
        if not memberships:
            return super().get_user(user_id)
        user = memberships[0].user
        user.__dict__["_memberships"] = memberships  # the cached property
        return user if self.user_can_authenticate(user) else None
