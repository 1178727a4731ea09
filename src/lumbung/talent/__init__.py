"""Measure capability in artificial intelligence fairly, certify it, and steer toward a target."""
