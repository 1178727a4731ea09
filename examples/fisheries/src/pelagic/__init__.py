"""Small pelagic fish, and a judge of who manages them well: an example of a sector of one's own. All data are generated."""
