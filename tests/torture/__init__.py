"""A worker is killed in mid-sweep, again and again: ``make torture``; a short one is a test.

Real PostgreSQL, Redis and Celery. Each day has its reminders; on each the sweep begins, and the worker is ended by
kill -9 while it is at it. Then Redis and PostgreSQL restart, then nothing runs for three days, then two workers sweep
at once. At the end every reminder that was due must be there once, by a reckoning of its own.
"""
