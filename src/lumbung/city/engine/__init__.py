"""The engine of the city: simulates a network's signals under a controller, and measures what traffic lost."""
