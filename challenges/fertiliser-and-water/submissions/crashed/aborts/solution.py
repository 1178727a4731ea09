import os


class Solution:
    def start(self, problem):
        pass

    def step(self, observation):
        os.abort()
