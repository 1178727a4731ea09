class Solution:
    def start(self, problem):
        self.hoard = []

    def step(self, observation):
        while True:
            self.hoard.append(bytearray(16 * 2**20))
