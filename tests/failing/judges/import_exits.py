# expected: challenge judge_raised
# says: import_exits; SystemExit
import sys

sys.exit("this judge needs a licence file")
