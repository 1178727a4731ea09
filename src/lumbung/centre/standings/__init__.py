"""What follows from evidence: leaderboards, evidence to download, adoption."""
