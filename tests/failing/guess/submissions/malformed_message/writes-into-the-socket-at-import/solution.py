import os

os.write(3, b"\xff" * 64)
