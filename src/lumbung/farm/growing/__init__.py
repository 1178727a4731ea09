"""Growing seasons: varieties and soils by name, many seasons in one call, tables of them, and the check against references."""
