"""Language models judged in the languages they are to serve: prompts, what an answer says, and whether it was known before."""
