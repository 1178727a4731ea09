"""Assignment: who works with whom, once everybody has said whom they prefer.

Where agreement must hold without anyone enforcing it, `deferred_acceptance` gives a stable assignment (teams to
challenges) and `supervision` one with mentors behind the challenges; `stability` checks either from the definition.
Where a budget binds, `budget` finds the best many-to-many assignment and proves it.
"""
