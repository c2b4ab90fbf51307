"""Fictional firms, people and a case in every status, for ``make demo``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import Firm
from applications import outbox
from applications.models import Notification
from reviews.demo import papers
from reviews.demo.builder import build_people
from reviews.demo.cases import cases
from reviews.demo.firms import FIRMS, USERS
from reviews.demo.mails import mails
from reviews.demo.past import past


class Command(BaseCommand):
    """Does nothing where there are firms already."""

    help = "Fictional firms, people and a case in every status (DEMO=1 alone)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is not set: fictional firms are for demonstration alone.")
        if not Firm.objects.exists():
            self.stdout.write("Seeding fictional firms and cases (about half a minute) …")
            if not connection.in_atomic_block:
                connections.close_all()
                papers.draw_all()
            with transaction.atomic():
                people = build_people(settings.DEMO_PASSWORD)
                built = cases(people)
                past(people)
                waiting = mails()
                # people find what they were told in their notices; nobody waits for mail about the past
                outbox.expand(at=timezone.now())
                Notification.objects.update(sent_at=timezone.now())
            self.stdout.write(f"{len(FIRMS)} firms, {len(USERS)} people, {len(built)} cases, {len(waiting)} mails.")
        self.stdout.write(f"\nAccounts, all with the password {settings.DEMO_PASSWORD}:")
        for user in USERS:
            place = FIRMS[user.firm].name if user.firm else "臺灣證券交易所"
            self.stdout.write(f"  {user.email:<28}{user.role.label}　{user.name}　{place}")
