const settled = Promise.resolve()

/**
 * As `queueMicrotask`: the platform's own, taken when the module loads. Test runners put a fake in its place (jest does by
 * default), and a session must not stop with that. Where the fake was there before, a promise that is settled serves.
 */
export const inMicrotask: (callback: () => void) => void =
  // The mark that fake timers leave on what they put in the place of a function.
  'clock' in queueMicrotask ? (callback) => void settled.then(callback) : queueMicrotask
