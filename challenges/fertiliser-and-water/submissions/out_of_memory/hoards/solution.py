class Solution:
    def start(self, problem):
        hoard = []
        while True:
            hoard.append(bytearray(32 * 1024 * 1024))

    def step(self, observation):
        return {}
