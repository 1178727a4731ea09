"""Advice on planting as a game with known rules: regions and seasons to advise on, and what the advice then brought."""
