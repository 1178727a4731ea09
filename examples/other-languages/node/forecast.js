// What is usual then, times how far today is from usual: a forecast of traffic counts in JavaScript, without packages.
//
// Messages come on standard input and go to standard output: four bytes of length, little endian, then a frame of
// msgpack, [number, verb, payload]. What a person shall read goes to console.error.
"use strict";
const fs = require("node:fs");

// ---------------------------------------------------------------------------------------------- bytes in and out

function readExactly(length) {
  const bytes = Buffer.alloc(length);
  for (let have = 0; have < length; ) {
    const got = fs.readSync(0, bytes, have, length - have);
    if (got === 0) process.exit(0); // the host is done with us
    have += got;
  }
  return bytes;
}

function writeAll(bytes) {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(1, bytes, done);
}

// --------------------------------------------------------------------------------------------------------- msgpack

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (this.at + length > this.bytes.length) throw new Error("a message ends too early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  whole(length) {
    return length === 8 ? Number(this.take(8).readBigUInt64BE()) : this.take(length).readUIntBE(0, length);
  }

  signed(length) {
    return length === 8 ? Number(this.take(8).readBigInt64BE()) : this.take(length).readIntBE(0, length);
  }

  list(length) {
    return Array.from({ length }, () => this.value());
  }

  map(length) {
    const found = new Map();
    for (let i = 0; i < length; i++) found.set(this.value(), this.value());
    return found;
  }

  text(length) {
    return this.take(length).toString("utf8");
  }

  value() {
    const first = this.whole(1);
    if (first < 0x80) return first;
    if (first >= 0xe0) return first - 0x100;
    if (first < 0x90) return this.map(first & 15);
    if (first < 0xa0) return this.list(first & 15);
    if (first < 0xc0) return this.text(first & 31);
    switch (first) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xca: return this.take(4).readFloatBE();
      case 0xcb: return this.take(8).readDoubleBE();
      case 0xcc: case 0xcd: case 0xce: case 0xcf: return this.whole(1 << (first - 0xcc));
      case 0xd0: case 0xd1: case 0xd2: case 0xd3: return this.signed(1 << (first - 0xd0));
      case 0xd9: case 0xda: case 0xdb: return this.text(this.whole(1 << (first - 0xd9)));
      case 0xdc: case 0xdd: return this.list(this.whole(first === 0xdc ? 2 : 4));
      case 0xde: case 0xdf: return this.map(this.whole(first === 0xde ? 2 : 4));
    }
    throw new Error(`no value begins with ${first}`);
  }
}

function headed(first, length) {
  const head = Buffer.alloc(5, first);
  head.writeUInt32BE(length, 1);
  return head;
}

function pieces(value) {
  if (typeof value === "string") return [headed(0xdb, Buffer.byteLength(value)), Buffer.from(value)];
  if (Array.isArray(value)) return [headed(0xdd, value.length), ...value.flatMap(pieces)];
  if (typeof value === "number") {
    const number = Buffer.alloc(9, 0xcb);
    number.writeDoubleBE(value, 1);
    return [number];
  }
  if (Number.isInteger(value?.whole)) return [headed(0xce, value.whole)];
  return [headed(0xdf, Object.keys(value).length), ...Object.entries(value).flat().flatMap(pieces)];
}

function send(seq, verb, payload) {
  const frame = Buffer.concat(pieces([{ whole: seq }, verb, payload]));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(frame.length);
  writeAll(Buffer.concat([length, frame]));
}

// ---------------------------------------------------------------------------------------------------- the forecast

const USUAL = 20; // vehicles of "as usual" that are mixed into the last hour: chance is worth as many
const LEFT = { 5: 0.9, 15: 0.8, 30: 0.65, 60: 0.45 }; // of today's factor, after so many minutes: events end

function solve(problem) {
  const inputs = problem.get("inputs");
  const number = (column, row) => Number(inputs.get(column)[row]);
  const prediction = inputs.get("id").map((_, row) => {
    let hour = 0;
    for (let i = 1; i <= 12; i++) hour += number(`c${i}`, row);
    const factor = (hour + USUAL) / (number("usual_hour", row) + USUAL);
    return number("usual_then", row) * (1 + LEFT[number("horizon_min", row)] * (factor - 1));
  });
  return { id: inputs.get("id"), prediction };
}

send(0, "ready", { whole: 1 }); // the version of the protocol
for (;;) {
  const [seq, verb, payload] = new Reader(readExactly(readExactly(4).readUInt32LE())).value();
  if (verb === "solve") send(seq, "ok", solve(payload));
  else send(seq, "missing", verb);
}
