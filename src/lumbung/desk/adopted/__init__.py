"""Adopted solutions: somebody else's program at work on one's own data, in its sandbox, beside today's practice."""
