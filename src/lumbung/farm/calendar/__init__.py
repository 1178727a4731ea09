"""When to plant, for people's own places: a table of sites becomes ensembles of seasons, decisions, files and pictures."""
