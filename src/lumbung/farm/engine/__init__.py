"""WOFOST 7.2 for many seasons at once: potential and water-limited production, and a flooded rice field.

The science only: no file format, no challenge. A season is a weather, a soil, a variety, a start and a management;
``batches.grow_many`` grows any number of them. One module per plant process, each citing what it implements.
"""
