# expected: challenge judge_timed_out
# says: import_never_ends
import time

time.sleep(3600)
