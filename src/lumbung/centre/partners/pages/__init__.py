"""Pages of cooperation: each reads its form, makes one call and shows what came of it."""
