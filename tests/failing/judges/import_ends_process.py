# expected: challenge judge_ended
# says: import_ends_process
import os

os._exit(3)
