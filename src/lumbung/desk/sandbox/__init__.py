"""The self-test of the sandbox at the desk: every hostile program is let loose in it, and the page shows how each one ended."""
