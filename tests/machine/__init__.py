"""Random people do random things to a case of any kind, on random days: a Hypothesis state machine.

What comes of each deed is held against tables and counts that are written out here and in
``tests.applications.test_lifecycle``, not against the code that did it. A short run is a test; ``make torture`` runs
10,000 examples.
"""
