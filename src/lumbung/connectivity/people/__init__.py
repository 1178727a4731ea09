"""People: where they live and how many they are, from tables, rasters and lists, or generated."""
