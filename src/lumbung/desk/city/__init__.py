"""The desk's city: a model from a map with its guesses to correct, and today's signals against better ones."""
