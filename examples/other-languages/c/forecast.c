/* What is usual then, times how far today is from usual: a forecast of traffic counts in C.
 *
 * Messages come on standard input and go to standard output: four bytes of length, little endian, then a frame of
 * msgpack, [number, verb, payload]. What a person shall read goes to standard error.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST = 16 << 20, HOURS = 12 };

static void fail(const char *why) {
    fprintf(stderr, "forecast: %s\n", why);
    exit(1);
}

/* ------------------------------------------------------------------------------------------- bytes in and out */

/* Read so many bytes; return 0 where the host is done with us. */
static int read_exactly(void *into, size_t length) {
    char *at = into;
    while (length) {
        ssize_t got = read(0, at, length);
        if (got <= 0) return 0;
        at += got;
        length -= (size_t)got;
    }
    return 1;
}

static void write_all(const void *from, size_t length) {
    const char *at = from;
    while (length) {
        ssize_t done = write(1, at, length);
        if (done <= 0) fail("nobody reads the answer");
        at += done;
        length -= (size_t)done;
    }
}

/* -------------------------------------------------------------------------------------- reading msgpack */

typedef struct {
    const unsigned char *at, *end;
} Reader;

typedef enum { NOTHING, WHOLE, REAL, TEXT, LIST, MAP, OTHER } Kind;

typedef struct {
    Kind kind;
    double number;    /* of WHOLE and REAL */
    const char *text; /* of TEXT; not ended by a zero */
    size_t length;    /* of TEXT in bytes, of LIST and MAP in members */
} Value;

static uint64_t big_endian(Reader *reader, int bytes) {
    uint64_t value = 0;
    if (reader->end - reader->at < bytes) fail("a message ends too early");
    while (bytes--) value = value << 8 | *reader->at++;
    return value;
}

static void step_over(Reader *reader, size_t bytes) {
    if ((size_t)(reader->end - reader->at) < bytes) fail("a message ends too early");
    reader->at += bytes;
}

/* Read what begins here: a whole value, or the head of a list or map whose members follow. */
static Value next(Reader *reader) {
    Value value = {OTHER, 0, NULL, 0};
    unsigned first = (unsigned)big_endian(reader, 1);
    if (first < 0x80 || first >= 0xe0) {
        value.kind = WHOLE;
        value.number = (signed char)first;
    } else if (first < 0x90 || first == 0xde || first == 0xdf) {
        value.kind = MAP;
        value.length = first < 0x90 ? first & 15 : big_endian(reader, first == 0xde ? 2 : 4);
    } else if (first < 0xa0 || first == 0xdc || first == 0xdd) {
        value.kind = LIST;
        value.length = first < 0xa0 ? first & 15 : big_endian(reader, first == 0xdc ? 2 : 4);
    } else if (first < 0xc0 || (first >= 0xd9 && first <= 0xdb)) {
        value.kind = TEXT;
        value.length = first < 0xc0 ? first & 31 : big_endian(reader, 1 << (first - 0xd9));
        value.text = (const char *)reader->at;
        step_over(reader, value.length);
    } else if (first == 0xc0) {
        value.kind = NOTHING;
    } else if (first == 0xca) {
        uint32_t bits = (uint32_t)big_endian(reader, 4);
        float number;
        memcpy(&number, &bits, 4);
        value.kind = REAL;
        value.number = number;
    } else if (first == 0xcb) {
        uint64_t bits = big_endian(reader, 8);
        memcpy(&value.number, &bits, 8);
        value.kind = REAL;
    } else if (first >= 0xcc && first <= 0xcf) {
        value.kind = WHOLE;
        value.number = (double)big_endian(reader, 1 << (first - 0xcc));
    } else if (first >= 0xd0 && first <= 0xd3) {
        int bytes = 1 << (first - 0xd0), shift = 64 - 8 * bytes;
        value.kind = WHOLE;
        value.number = (double)((int64_t)(big_endian(reader, bytes) << shift) >> shift);
    } else if (first >= 0xc4 && first <= 0xc6) {
        step_over(reader, big_endian(reader, 1 << (first - 0xc4)));
    } else if (first >= 0xd4 && first <= 0xd8) {
        step_over(reader, 1 + (1u << (first - 0xd4)));
    } else if (first >= 0xc7 && first <= 0xc9) {
        step_over(reader, 1 + big_endian(reader, 1 << (first - 0xc7)));
    } else if (first == 0xc1) {
        fail("a byte that begins no value");
    }
    return value;
}

static void skip(Reader *reader) {
    Value value = next(reader);
    size_t members = value.kind == LIST ? value.length : value.kind == MAP ? 2 * value.length : 0;
    while (members--) skip(reader);
}

static int is(Value value, const char *text) {
    return value.kind == TEXT && value.length == strlen(text) && !memcmp(value.text, text, value.length);
}

/* Find a key of the map that begins here; what is returned stands before its value. */
static Reader find(Reader reader, const char *key) {
    Value map = next(&reader);
    for (size_t i = 0; map.kind == MAP && i < map.length; i++) {
        if (is(next(&reader), key)) return reader;
        skip(&reader);
    }
    fprintf(stderr, "forecast: the problem has no %s\n", key);
    exit(1);
}

/* A column is a list; its numbers may be written as text, as they stand in a CSV file. */
typedef struct {
    Reader rest;
    size_t left;
} Column;

static Column column(Reader inputs, const char *name) {
    Column found = {find(inputs, name), 0};
    Value list = next(&found.rest);
    if (list.kind != LIST) fail("a column is no list");
    found.left = list.length;
    return found;
}

static double number(Column *from) {
    if (!from->left--) fail("a column is too short");
    Value value = next(&from->rest);
    char text[64] = "";
    if (value.kind == WHOLE || value.kind == REAL) return value.number;
    if (value.kind != TEXT || value.length >= sizeof text) fail("a number was expected");
    memcpy(text, value.text, value.length);
    return atof(text);
}

/* -------------------------------------------------------------------------------------- writing msgpack */

static unsigned char *answer, *put;

static void byte(unsigned value) { *put++ = (unsigned char)value; }

static void whole(uint64_t value, int bytes) {
    while (bytes--) byte((unsigned)(value >> 8 * bytes) & 255);
}

static void text(const char *value) {
    byte(0xa0 | (unsigned)strlen(value));
    memcpy(put, value, strlen(value));
    put += strlen(value);
}

static void real(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    byte(0xcb);
    whole(bits, 8);
}

static void begin_answer(uint32_t seq) {
    put = answer + 4; /* the length is known at the end */
    byte(0x93);
    byte(0xce);
    whole(seq, 4);
}

static void send_answer(void) {
    uint32_t length = (uint32_t)(put - answer - 4);
    for (int i = 0; i < 4; i++) answer[i] = (unsigned char)(length >> 8 * i);
    write_all(answer, 4 + length);
}

/* ---------------------------------------------------------------------------------------- the forecast */

/* How much of today's factor is left after so many minutes, since events end. */
static double left_after(double minutes) {
    return minutes <= 5 ? 0.9 : minutes <= 15 ? 0.8 : minutes <= 30 ? 0.65 : 0.45;
}

static void solve(uint32_t seq, Reader problem) {
    const double usual = 20; /* vehicles of "as usual" that are mixed into the last hour: chance is worth as many */
    Reader inputs = find(problem, "inputs");
    Column minutes = column(inputs, "horizon_min"), then = column(inputs, "usual_then");
    Column usual_hour = column(inputs, "usual_hour"), counts[HOURS];
    for (int i = 0; i < HOURS; i++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", i + 1);
        counts[i] = column(inputs, name);
    }
    Reader ids = find(inputs, "id"), behind = ids;
    size_t rows = then.left, taken = (skip(&behind), (size_t)(behind.at - ids.at));
    if (9 * rows + taken + 100 > LONGEST) fail("more rows than an answer holds");

    begin_answer(seq);
    text("ok");
    byte(0x82);
    text("id");
    memcpy(put, ids.at, taken);
    put += taken;
    text("prediction");
    byte(0xdd);
    whole(rows, 4);
    for (size_t row = 0; row < rows; row++) {
        double hour = 0;
        for (int i = 0; i < HOURS; i++) hour += number(&counts[i]);
        double factor = (hour + usual) / (number(&usual_hour) + usual);
        real(number(&then) * (1 + left_after(number(&minutes)) * (factor - 1)));
    }
    send_answer();
}

int main(void) {
    unsigned char *frame = malloc(LONGEST), head[4];
    answer = malloc(LONGEST);
    if (!frame || !answer) fail("no memory");
    begin_answer(0);
    text("ready");
    byte(1); /* the version of the protocol */
    send_answer();
    while (read_exactly(head, 4)) {
        size_t length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        if (length > LONGEST || !read_exactly(frame, length)) fail("a message is too long, or ends too early");
        Reader reader = {frame, frame + length};
        if (next(&reader).length != 3) fail("a frame has three members");
        uint32_t seq = (uint32_t)next(&reader).number;
        Value verb = next(&reader);
        if (is(verb, "solve")) {
            solve(seq, reader);
        } else {
            begin_answer(seq);
            text("missing");
            text("start"); /* or step: this challenge asks neither */
            send_answer();
        }
    }
    return 0;
}
