"""Matching: needs and offers written in different languages find each other, and every match says why.

In the order of the story: `listings` (who seeks and offers what), `embedders` (how near two texts are), `constraints`
(what must hold), `candidates` (who ranks where, by margins), `explanation` (why, in the reader's language) and
`fairness` (who gets found at all).
"""
