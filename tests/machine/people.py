"""Everybody who may try: two firms, the exchange, people with two hats, somebody who has left."""

from __future__ import annotations

from accounts.enums import Role
from accounts.models import User
from tests.factories import Cast, person


def crowd(cast: Cast) -> dict[str, User]:
    """Label -> person. The labels up to "auditor" are those of ``tests.applications.test_lifecycle``."""
    other = Cast()
    firm = cast.firm
    return {
        "preparer": cast.preparer,
        "colleague": person(Role.PREPARER, firm=firm, name="丙填報"),
        "checker": cast.checker,
        "second checker": person(Role.CHECKER, firm=firm, name="丁覆核"),
        "preparer and checker": person(Role.PREPARER, Role.CHECKER, firm=firm, name="戊兩頂"),
        "firm's administrator": person(Role.FIRM_ADMIN, firm=firm, name="己管理"),
        "officer": cast.officer,
        "other officer": cast.other_officer,
        "supervisor": cast.supervisor,
        "second supervisor": person(Role.SUPERVISOR, name="周主管"),
        "officer and supervisor": person(Role.OFFICER, Role.SUPERVISOR, name="鄭兩頂"),
        "auditor": cast.auditor,
        "operator": person(Role.OPERATOR, name="營運"),
        "who has left": person(Role.SUPERVISOR, name="離職", is_active=False),
        "other firm's preparer": other.preparer,
        "other firm's checker": other.checker,
    }
