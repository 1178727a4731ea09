"""Files that planners exchange: terrain profiles and tower tables in, maps and tables of what is served out."""
