"""Ground: heights, water and what stands on them, read from elevation and land-cover files or generated."""
