"""The owner's side of the node beside this desk: what it accepted, what waits for a word, what has left."""
