"""The desk's farm: a table of sites becomes a planting calendar on a map."""
