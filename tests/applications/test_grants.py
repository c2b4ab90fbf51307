"""The portal's role on PostgreSQL: it files, and can neither change nor delete what was filed or recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from applications.management.commands.print_grants import grants
from applications.models import Event, Submission
from tests.factories import filed_case

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

ROLE = "portal of tests"


@contextmanager
def as_portal() -> Iterator[None]:
    """Within it every statement is the portal role's; the role goes with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{ROLE}"')
        for statement in grants(ROLE):
            cursor.execute(statement)
        cursor.execute(f'SET LOCAL ROLE "{ROLE}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE applications_event SET shared = shared",
        "DELETE FROM applications_event",
        "TRUNCATE applications_event",
        "ALTER TABLE applications_event DISABLE TRIGGER event_stands",
        "DROP TRIGGER event_stands ON applications_event",
        "SET session_replication_role = replica",
        "UPDATE applications_submission SET payload = payload",
        "DELETE FROM applications_submission",
        "TRUNCATE applications_submission CASCADE",
        "DELETE FROM django_migrations",
    ],
)
def test_the_portals_role_files_and_changes_nothing_of_it(deed: str) -> None:
    with as_portal():
        filed_case()
        before = Event.objects.count(), Submission.objects.get().sha256
        with (
            pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(deed)
        assert (Event.objects.count(), Submission.objects.get().sha256) == before
