"""Two people do two things to one case in the same moment: every pair of acts that can meet.

Requests through the pages, on threads with connections of their own, released by a barrier. A few rounds are a test;
``make torture`` runs 200 of each pair. What comes of a round is held against the same two requests made one after
the other, so that each race must end as if one of them had been first.
"""
