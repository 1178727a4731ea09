class Solution:
    def __init__(self, folder):
        self.folder = folder

    def solve(self, problem):
        return {"guess": 5}
