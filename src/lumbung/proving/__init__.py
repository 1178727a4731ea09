"""Challenge, submission, judge protocol, run, evidence and standing: the story every sector shares."""
