/** Every code of a FramingError: what happened, and what to do about it. */
export const framingErrorCodes = {
  FRAME_TOO_LONG: {
    happened: 'A header announced, or a sender wanted to send, more payload than the limit allows.',
    fix: 'Raise `frameBytesMax` on both sides if such frames are meant, and split the payload if they are not. A peer that speaks another protocol looks the same: see `likelyProtocol`.',
  },
  CORRUPT_LENGTH: {
    happened: 'The four bytes of an `ascii4` header were not four decimal digits.',
    fix: 'Check that both sides use the same format, and that nothing else is written to the stream between frames.',
  },
  TRUNCATED: {
    happened: 'The stream ended inside a frame.',
    fix: 'The peer or the network broke off: discard the partial frame, connect again and repeat what was not answered.',
  },
  ENDED: {
    happened: 'Bytes were pushed into a decoder after its `end()`.',
    fix: 'Make a new decoder for each stream.',
  },
  CLOSED: {
    happened: 'A frame was written to a stream that has ended or is gone.',
    fix: 'Stop writing when the stream closes; `cause` says why it did, if it said so.',
  },
  WRITE_ZERO: {
    happened: 'A sink took 0 of the bytes it was offered, so that a frame cannot be finished.',
    fix: 'Treat the sink as broken: close it. A sink that is only busy must return a promise.',
  },
  INVALID_OPTION: {
    happened: 'A format, a limit, the options or the sink are not what this codec takes.',
    fix: 'Use `uint32be`, `uint32le` or `ascii4`, and a limit that is a whole number from 0 to the largest length of the format.',
  },
  INVALID_ARGUMENT: {
    happened:
      'A payload is not bytes, or another argument is not what the call takes. Nothing of that call was done.',
    fix: 'Give a Uint8Array (a Buffer is one) or an array of them: `new TextEncoder().encode(text)`, `new Uint8Array(arrayBuffer)`. The text names what is wrong.',
  },
  INVALID_CHUNK: {
    happened: 'A source handed over something that is not bytes, or is no source.',
    fix: 'Take the text encoding or object mode off the source: frames are made of Uint8Array.',
  },
  ALREADY_READING: {
    happened: 'Frames of one stream were asked for by two readers.',
    fix: 'Read each stream in one place and hand the frames on from there.',
  },
  ALREADY_STARTED: {
    happened: 'A channel of frames was started a second time.',
    fix: 'Start each channel once, with one sink, and hand its frames on from there.',
  },
  CALLBACK_THREW: {
    happened:
      'A callback of a frame sink returned a promise that rejected, or threw while held frames were delivered, so its stream was aborted; the error itself is reported as uncaught.',
    fix: 'Catch inside the callback; `cause` holds what was thrown.',
  },
  TARGET_TOO_SMALL: {
    happened: 'The target of `encodeInto` has no room for the header and the payload.',
    fix: 'Offer at least `headerBytes` more than the payload has, or use `encode`, which needs no target.',
  },
} as const

/** The stable code of a {@link FramingError}. */
export type FramingErrorCode = keyof typeof framingErrorCodes
