"""Radio: the faces of the engine. What a path loses, and which places hear which towers, and how well."""
