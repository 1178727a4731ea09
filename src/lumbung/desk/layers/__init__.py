"""A person's own layers for every map of the desk: pictures of the land (GeoTIFF), points, lines and areas (GeoJSON)."""
