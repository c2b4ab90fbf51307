"""Every pair, in the order in which a case comes to it."""

from __future__ import annotations

from tests.races import after, exchange, firm

PAIRS = (*firm.PAIRS, *exchange.PAIRS, *after.PAIRS)
