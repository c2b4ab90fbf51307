"""Benchmarks of saving, opening, submitting and sweeping, each beside its peers: ``make bench``.

W1 saves a section, W2 opens one, W3 submits a case. The peers do the same job with the same
form, the same template and the same people, through the same middleware:

- *bare* (``bare.py``): plain views, one row a section, nothing but what such a view must do;
- *session wizard* (``session_wizard.py``): formtools' own NamedUrlSessionWizardView.

S1 and S2 sweep a million cases, beside the same in two statements by hand (``sweeping.py``).

All run in one process on PostgreSQL and take turns request by request. A figure is the median
over the rounds; a ratio is of two such figures. A goal that is not met is shown, not failed.
"""
