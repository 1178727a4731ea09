"""Cooperation: the right partners find each other across languages, and see what support they can count on.

Everything here is state in, decision out: frozen records and functions, no clock, no Django.

- `matching`: needs and offers in different languages, ranked by margins, with reasons
- `assignment`: stable assignments, with mentors, or of greatest worth within a budget
- `rules`: support by policy as dated rules in exact arithmetic
- `facilities`: usage from evidence, fair share, grants, bookings, plans
- `projects` and `league`: what becomes of a match; seasons, tracks and their table
"""
