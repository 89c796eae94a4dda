/**
 * Every code of a {@link FramingError}: what happened, and what to do about it. `docs/errors.md` is generated from this
 * table.
 */
export const framingErrorCodes = {
  FRAME_TOO_LONG: {
    happened: 'The peer announced a longer payload than the limit allows, or this side tried to send one.',
    fix: 'If such frames are intended, raise `frameBytesMax` on both sides. Otherwise split the payload. A peer that speaks another protocol causes the same error: see `likelyProtocol`.',
  },
  CORRUPT_LENGTH: {
    happened: 'The four bytes of an `ascii4` header were not four decimal digits.',
    fix: 'Check that both sides use the same format, and that nothing else is written to the stream between frames.',
  },
  TRUNCATED: {
    happened: 'The stream ended inside a frame.',
    fix: 'The peer stopped, or the connection was lost: discard the partial frame, connect again and repeat the requests that were not answered.',
  },
  ENDED: {
    happened: '`push()` of a decoder was called after its `end()`.',
    fix: 'Make a new decoder for each stream.',
  },
  CLOSED: {
    happened: 'A frame was written to a stream that has ended or was closed.',
    fix: 'Stop writing when the stream closes. `cause` holds the error of the stream, if it had one.',
  },
  WRITE_ZERO: {
    happened:
      'The `write()` of a sink returned 0, or an impossible number of bytes, so a frame cannot be completed.',
    fix: 'Treat the sink as broken and close it. A sink that is only busy must return a promise.',
  },
  INVALID_OPTION: {
    happened: 'The format, a limit, another option or the sink of a writer is invalid.',
    fix: 'Use `uint32be`, `uint32le` or `ascii4`, and a limit that is an integer from 0 to the largest length of the format. The message names the option.',
  },
  INVALID_ARGUMENT: {
    happened: 'A payload is not bytes, or another argument has the wrong type. The call had no effect.',
    fix: 'Give a Uint8Array (a Buffer is one) or an array of them: `new TextEncoder().encode(text)`, `new Uint8Array(arrayBuffer)`. The message names the argument.',
  },
  INVALID_CHUNK: {
    happened: 'A source delivered something that is not bytes, or the argument is not a source.',
    fix: 'Remove the text encoding or object mode from the source, and send binary messages over a WebSocket: frames are made of Uint8Array.',
  },
  ALREADY_READING: {
    happened: 'Two readers asked for the frames of one stream.',
    fix: 'Read each stream in one place and pass the frames on from there.',
  },
  ALREADY_STARTED: {
    happened: 'A frame channel was started a second time.',
    fix: 'Start each channel once, with one sink, and pass its frames on from there.',
  },
  CALLBACK_THREW: {
    happened:
      'A callback of a frame sink returned a promise that rejected, or threw while held frames were delivered. The stream was aborted, and the error itself is reported as uncaught.',
    fix: 'Catch errors inside the callback. `cause` holds the error that it threw.',
  },
  TARGET_TOO_SMALL: {
    happened: 'The target of `encodeInto` has no room for the header and the payload.',
    fix: 'Give a target with room for `headerBytes` more than the payload has, or use `encode`, which needs no target.',
  },
} as const

/** The stable code of a {@link FramingError}. */
export type FramingErrorCode = keyof typeof framingErrorCodes
