"""The challenge of connecting remote villages: its regions, what a plan for them is worth, and plain tools for solutions.

The judge beside this room (``judge.py``) poses it; nothing here knows the proving ground.
"""
