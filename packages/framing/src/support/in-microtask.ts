const settled = Promise.resolve()

/**
 * Calls `callback` in a microtask, like `queueMicrotask`. It uses the platform's own function, taken when the module loads, because the fake timers of test
 * runners (jest by default) would stop a session. If a fake was installed before, it uses a settled promise.
 */
export const inMicrotask: (callback: () => void) => void =
  // Fake timers mark the functions that they install with this property.
  'clock' in queueMicrotask ? (callback) => void settled.then(callback) : queueMicrotask
