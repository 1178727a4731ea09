"""From an OpenStreetMap extract and traffic counts to a model that SUMO runs and that can be retimed."""
