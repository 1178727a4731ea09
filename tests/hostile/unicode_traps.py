"""Answers with text that is none: lone surrogates, cut sequences, over-long forms."""

import socket

TEXTS = (b"\xed\xa0\x80", b"\xf0\x9f", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80", b"\xff\xfe\x00")


def solve(bait):
    text = TEXTS[bait["which"] % len(TEXTS)]
    line = socket.socket(fileno=3)
    line.send(b"\x93\x01\xa2ok" + bytes([0xA0 + len(text)]) + text)
    line.detach()
    return {"got": ["was read"]}
