"""What to build in which year: people at a speed for the money of each year, with a proven bound.

``programme`` says what is asked, ``program`` writes it for HiGHS, ``greedy`` makes a first answer, ``search`` makes it
better and the bound tighter.
"""
