/* A solution in C: the whole guest protocol, answering every question with what it was asked.
 *
 *     cc -O2 -static -o my-submission/solution solution.c
 *
 * A frame is a msgpack array of three: a whole number (the question's), a text (the verb), the payload. This program
 * copies the payload's bytes without understanding them; examples/other-languages has one that reads them.
 */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST = 17 * 1024 * 1024 };

static unsigned char frame[LONGEST], answer[4 + LONGEST];

static void read_exactly(unsigned char *into, size_t length) {
    for (size_t have = 0; have < length;) {
        ssize_t got = read(0, into + have, length - have);
        if (got <= 0) _exit(0); /* the host is done with us */
        have += (size_t)got;
    }
}

/* Send the frame that stands at answer + 4, behind its length. */
static void send_frame(size_t length) {
    for (int i = 0; i < 4; i++) answer[i] = (unsigned char)(length >> 8 * i);
    for (size_t done = 0; done < 4 + length;) {
        ssize_t put = write(1, answer + done, 4 + length - done);
        if (put <= 0) _exit(1);
        done += (size_t)put;
    }
}

/* Length of the whole number at p: one byte, or a marker and 1, 2, 4 or 8 bytes. */
static size_t number_length(const unsigned char *p) { return *p < 0x80 ? 1 : 1 + ((size_t)1 << (*p - 0xcc)); }

int main(void) {
    static const unsigned char ready[] = {0x93, 0x00, 0xa5, 'r', 'e', 'a', 'd', 'y', 1}; /* version 1 of the protocol */
    memcpy(answer + 4, ready, sizeof ready);
    send_frame(sizeof ready);
    for (;;) {
        unsigned char head[4];
        read_exactly(head, 4);
        size_t length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        if (length > LONGEST) _exit(1);
        read_exactly(frame, length);
        const unsigned char *seq = frame + 1, *verb = seq + number_length(seq);
        const unsigned char *payload = verb + 1 + (verb[0] & 0x1f);
        unsigned char *end = answer + 4;
        *end++ = 0x93;
        memcpy(end, seq, (size_t)(verb - seq));
        end += verb - seq;
        memcpy(end, "\xa2ok", 3);
        end += 3;
        memcpy(end, payload, length - (size_t)(payload - frame));
        end += length - (size_t)(payload - frame);
        send_frame((size_t)(end - answer - 4));
    }
}
