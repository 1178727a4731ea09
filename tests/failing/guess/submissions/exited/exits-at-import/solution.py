import sys

sys.exit("set MODEL_PATH first")
