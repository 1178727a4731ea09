"""A cheat: looks for the simulation it runs in, to read what its sensors do not show. It finds nothing."""

import os
import socket


def find_simulator():
    for process in os.listdir("/proc"):
        if process.isdigit():
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    if b"sumo" in file.read():
                        return True
            except OSError:
                continue
    try:
        socket.create_connection(("127.0.0.1", 8813), 0.2).close()
    except OSError:
        return False
    return True


class Solution:
    def start(self, problem):
        self.junctions = {name: len(junction["phases"]) for name, junction in problem["junctions"].items()}
        self.found = find_simulator()
        if self.found:
            # what it would do with its find is no matter: the check sees that it was found
            raise RuntimeError("the simulator can be reached")

    def step(self, observation):
        turn = int(observation["time"] // 30)
        return {name: turn % phases for name, phases in self.junctions.items()}
