"""Runs a stranger's program within limits. Imports nothing else of ours."""
