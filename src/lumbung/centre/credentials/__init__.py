"""Talent in the centre: the test, its result, badges, programmes, the national picture and the road."""
