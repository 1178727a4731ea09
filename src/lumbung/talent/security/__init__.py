"""Watching over the test: statistics that say where a person should look again.

No statistic here decides anything about a person. `person_fit` asks whether answers hang together,
`response_times` whether they took a human time, `item_exposure` how often items were seen, `drift` whether an
item has become easier (leaked), `retake` who may try again and when.
"""
