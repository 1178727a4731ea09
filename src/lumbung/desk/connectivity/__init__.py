"""The desk's connectivity: who is served by which tower and why not, and where the next towers should stand."""
