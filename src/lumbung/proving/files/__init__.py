"""Files as cases: text, pictures, audio or anything else, described by a schema and judged by named or own metrics.

`schema` says what a challenge may declare, `items` reads an owner's JSON Lines and the files they name, `media` looks at
pictures and sound without decoding them, `answers` at what a solution says, `measures` scores it, `owners` runs an owner's
``metric.py`` in a box of its own, and `judge` puts them together.
"""
