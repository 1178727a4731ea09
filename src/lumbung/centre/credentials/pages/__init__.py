"""Pages of the talent room. Each view makes one call of a service or selector."""
