"""City: judges, runs and writes traffic-signal control on SUMO.

``engine/`` simulates a network under a controller and knows no challenge; ``signals.py`` turns a controller into
signal programs for one's own network; ``judge.py`` lets the proving ground use the engine; ``solutions/`` holds the
reference controllers.
"""
