// How each seeded fault of scripts/addon-variants.mjs is looked for: which program runs, over which back ends, and what
// its report has to say. A run that fails for another reason has shown nothing.

/** Cases that fill send queues: enough for a fault in their memory to show, and short. */
const withQueues = ['--only', 'reset with a large send']

export const seeded = {
  'use-after-free': {
    program: 'suite',
    cases: withQueues,
    expected: /AddressSanitizer: heap-use-after-free/,
  },
  // Behind a chunk that is too short its own source may lie, which is then what memcpy is blamed for.
  'heap-overflow': {
    program: 'suite',
    cases: withQueues,
    expected: /AddressSanitizer: (heap-buffer-overflow|memcpy-param-overlap)/,
  },
  'signed-overflow': {
    program: 'suite',
    cases: withQueues,
    expected: /runtime error: signed integer overflow/,
  },
  leak: { program: 'suite', cases: withQueues, expected: /LeakSanitizer: detected memory leaks/ },
  race: { program: 'suite', cases: withQueues, expected: /ThreadSanitizer: data race[\s\S]*frameport\.node/ },
  'late-read': { program: 'in-flight', cases: [], expected: /EFAULT/, everyBackEnd: true },
  'late-write': { program: 'in-flight', cases: [], expected: /EFAULT/, everyBackEnd: true },
  'leak-on-failure': { program: 'injection', cases: [], expected: /LeakSanitizer: detected memory leaks/ },
  'lost-descriptor': {
    program: 'injection',
    cases: ['--stop'],
    expected: /\(associate\): \d+ descriptors before/,
  },
}
