# expected: challenge judge_raised
# says: syntax_error; SyntaxError
from failing.guessing import Guessing

class Judge(Guessing)
    pass
