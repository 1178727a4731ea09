// A worker that computes SHA-256 (FIPS 180-4) piece by piece: the browser's own wants a file of gigabytes in memory at once.
"use strict";
const STEP = 8 * 2 ** 20; // a multiple of 64
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const K = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const W = new Int32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

const take = (state, view, at) => {
  for (let t = 0; t < 16; t += 1) W[t] = view.getInt32(at + 4 * t);
  for (let t = 16; t < 64; t += 1) {
    const x = W[t - 15], y = W[t - 2];
    W[t] = W[t - 16] + W[t - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < 64; t += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
};

const takeAll = (state, bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (; at + 64 <= bytes.byteLength; at += 64) take(state, view, at);
  return bytes.subarray(at);
};

const finish = (state, rest, size) => {
  const last = new Uint8Array(rest.length < 56 ? 64 : 128);
  last.set(rest);
  last[rest.length] = 0x80;
  const view = new DataView(last.buffer);
  view.setUint32(last.length - 8, Math.floor(size / 2 ** 29));
  view.setUint32(last.length - 4, (size * 8) % 2 ** 32);
  takeAll(state, last);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
};

globalThis.onmessage = async ({ data: file }) => {
  const state = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
  let rest = new Uint8Array(0);
  try {
    for (let at = 0; at < file.size; at += STEP) {
      rest = takeAll(state, new Uint8Array(await file.slice(at, at + STEP).arrayBuffer()));
      postMessage({ read: Math.min(at + STEP, file.size) });
    }
    postMessage({ digest: `sha256:${finish(state, rest, file.size)}` });
  } catch {
    postMessage({ unreadable: true });
  }
};
