"""What somebody with the database and the disk in his hands may do, and whether ``verify_trail`` tells.

``make torture`` runs 100 edits of one byte and 20 cut-off tails; the suite a few.
"""
