"""What the pages of centre and desk share: stylesheet and icon, the map of the land, catalogues, words, a secret."""
