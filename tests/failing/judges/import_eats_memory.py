# expected: challenge judge_out_of_memory
# says: import_eats_memory
HOARD = []
while True:
    HOARD.append(bytearray(32 << 20))
