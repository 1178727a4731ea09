HOARD = []
while True:
    HOARD.append(bytearray(8 << 20))
