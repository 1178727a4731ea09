"""Filters that partners' pages share."""
