/*
 * Makes every process that loads it behave as on a busy machine: its event loop stops for random times.
 *
 *   NODE_OPTIONS="--import $PWD/tests/support/jitter.mjs" npx vitest run …
 *
 * Child processes inherit it. FRAMEPORT_JITTER_SEED (1) changes the pauses. A pause uses no processor time, like a
 * process that the scheduler has suspended: half of the turns wait for up to 30 ms, and one in fifty for up to 300 ms.
 */
const shortMs = 30
const longMs = 300
const longShare = 0.02
const shortShare = 0.5
const betweenMs = 10

let state = (Number(process.env.FRAMEPORT_JITTER_SEED ?? 1) * 2_654_435_761 + process.pid * 40_503) >>> 0

/** A number from 0 to 1 (mulberry32), because tests replace Math.random. */
function draw() {
  state = (state + 0x6d2b79f5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))
const hold = (ms) => Atomics.wait(nobodyWakes, 0, 0, ms)
// Tests also replace the global setTimeout.
const later = setTimeout

function pause() {
  const drawn = draw()
  if (drawn < longShare) hold(longMs * (0.5 + draw() / 2))
  else if (drawn < longShare + shortShare) hold(shortMs * draw())
  later(pause, betweenMs * draw()).unref()
}

later(pause, 1).unref()
