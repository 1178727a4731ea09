class Solution:
    solve = None
    start = None
