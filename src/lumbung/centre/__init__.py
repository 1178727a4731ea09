"""The joint centre: the league of many organisations in many countries. The only room in which Django lives.

It never imports an engine and never runs a submission: nodes do. Its apps follow the story, each importing only
those before it: members ← challenges ← runs ← standings ← credentials ← partners ← portal. In each app `models` is
state, `services` writes, `selectors` reads, `api` and views are thin.
"""
