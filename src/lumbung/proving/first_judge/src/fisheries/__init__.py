"""A fishery, and a judge of who manages it well."""
