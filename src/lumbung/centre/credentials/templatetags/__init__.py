"""Tags of the talent pages."""
