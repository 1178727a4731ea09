"""Who takes part: people, organisations, teams, tokens, and the log of what they did."""
