Solution = "the class is in another file"
