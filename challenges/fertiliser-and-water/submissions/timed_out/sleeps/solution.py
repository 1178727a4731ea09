import time


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        time.sleep(3600)
