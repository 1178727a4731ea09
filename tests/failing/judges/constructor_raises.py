# expected: challenge judge_raised
# says: constructor_raises; FileNotFoundError
from failing.guessing import Guessing


class Judge(Guessing):
    def __init__(self):
        with open("/nonexistent/engine.bin", "rb") as file:
            self.engine = file.read()
