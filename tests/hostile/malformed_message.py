"""Sends bytes that are no message: noise, truncated frames, wrong shapes, impossible arrays."""

import socket
import struct

ARRAY = b"\x93\xa3<f8\x91\xce\x7f\xff\xff\xff\xc4\x00"  # an array of two thousand million numbers, none there
MESSAGES = (
    b"\xc1",
    b"\x93\x01\xa2ok",
    b"\xa5hello",
    b"\x92\x01\xa2ok",
    b"\x93\xa1x\xa2ok\xc0",
    b"\x93\x01\xa2ok\xdd\xff\xff\xff\xff",
    b"\x93\x01\xa2ok\xdb\xff\xff\xff\xff",
    b"\x93\x01\xa2ok" + struct.pack(">BBb", 0xC7, len(ARRAY), 1) + ARRAY,
    b"\x93\x01\xa2ok\xa2\xff\xfe",
    b"\x93\x01\xa2ok\xc7\x01\x2a\x00",
)


def solve(bait):
    line = socket.socket(fileno=3)
    line.send(MESSAGES[bait["which"] % len(MESSAGES)])
    line.detach()
    return {"got": ["was read"]}
