/* A solution in C: the whole guest protocol, answering every question with what it was asked.
 *
 *     cc -O2 -static -o my-submission/solution solution.c
 *
 * A frame is a msgpack array of three: a whole number (the question's), a text (the verb), the payload. This program
 * copies the payload's bytes without understanding them; a real one would hand them to a msgpack library.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <unistd.h>

enum { SOCKET = 3, DIRECT_BYTES = 192 * 1024, LONGEST = 16 * 1024 * 1024 };

static unsigned char packet[DIRECT_BYTES + 65536];
static unsigned char frame[LONGEST], answer[LONGEST];

/* Length of the whole number at p: one byte, or a marker and 1, 2, 4 or 8 bytes. */
static size_t number_length(const unsigned char *p) { return *p < 0x80 ? 1 : 1 + ((size_t)1 << (*p - 0xcc)); }

static uint64_t number_value(const unsigned char *p) {
    size_t length = number_length(p);
    uint64_t value = length == 1 ? *p : 0;
    for (size_t i = 1; i < length; i++) value = value << 8 | p[i];
    return value;
}

/* The descriptor that comes with the next packet. */
static int receive_descriptor(void) {
    char byte, room[CMSG_SPACE(sizeof(int))];
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    if (recvmsg(SOCKET, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message)) _exit(2);
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

static void send_descriptor(int descriptor) {
    char byte = 0, room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(SOCKET, &message, 0) != 1) _exit(2);
}

/* Receive one frame, short or long; return its length. */
static size_t receive_frame(void) {
    ssize_t got = recv(SOCKET, packet, sizeof packet, 0);
    if (got <= 0) _exit(0); /* the host is done with us */
    const unsigned char *verb = packet + 1 + number_length(packet + 1);
    if (verb[0] == (0xa0 | 5) && memcmp(verb + 1, "memfd", 5) == 0) {
        size_t length = number_value(verb + 6), have = 0;
        int descriptor = receive_descriptor();
        while (have < length && length <= LONGEST) {
            ssize_t piece = pread(descriptor, frame + have, length - have, (off_t)have);
            if (piece <= 0) _exit(2);
            have += (size_t)piece;
        }
        close(descriptor);
        return have;
    }
    memcpy(frame, packet, (size_t)got);
    return (size_t)got;
}

static void send_frame(const unsigned char *bytes, size_t length, const unsigned char *seq, size_t seq_length) {
    if (length <= DIRECT_BYTES) {
        if (send(SOCKET, bytes, length, 0) < 0) _exit(2);
        return;
    }
    int descriptor = memfd_create("answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    for (size_t done = 0; done < length;) {
        ssize_t piece = write(descriptor, bytes + done, length - done);
        if (piece <= 0) _exit(2);
        done += (size_t)piece;
    }
    fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    unsigned char announcement[32] = {0x93};
    size_t n = 1;
    memcpy(announcement + n, seq, seq_length), n += seq_length;
    memcpy(announcement + n, "\xa5memfd\xce", 7), n += 7;
    for (int shift = 24; shift >= 0; shift -= 8) announcement[n++] = (unsigned char)(length >> shift);
    if (send(SOCKET, announcement, n, 0) < 0) _exit(2);
    send_descriptor(descriptor);
    close(descriptor);
}

int main(void) {
    send(SOCKET, "\x93\x00\xa5ready\xc0", 9, 0); /* [0, "ready", nil] */
    for (;;) {
        size_t length = receive_frame();
        const unsigned char *seq = frame + 1, *verb = seq + number_length(seq);
        size_t seq_length = (size_t)(verb - seq);
        const unsigned char *payload = verb + 1 + (verb[0] & 0x1f);
        size_t payload_length = length - (size_t)(payload - frame), n = 0;
        if (payload_length > LONGEST - 64) _exit(2);
        answer[n++] = 0x93;
        memcpy(answer + n, seq, seq_length), n += seq_length;
        memcpy(answer + n, "\xa2ok", 3), n += 3;
        memcpy(answer + n, payload, payload_length), n += payload_length;
        send_frame(answer, n, seq, seq_length);
    }
}
