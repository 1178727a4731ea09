# expected: platform judge_missing
# says: import_error; fisheries_that_nobody_installed
import fisheries_that_nobody_installed  # noqa: F401

from failing.guessing import Guessing


class Judge(Guessing):
    pass
