import { describeValue } from '../arguments/describe-value.ts'
import { IocpError } from '../iocp-error.ts'

const callbacks = ['data', 'end', 'drain', 'close'] as const

/**
 * The sink itself is called, so that its callbacks may be replaced later; here it only needs to have all four.
 *
 * @throws IocpError `INVALID_ARGUMENT`
 */
export function checkSink(sink: unknown): void {
  const fix = 'Give start an object with the functions data, end, drain and close.'
  if (typeof sink !== 'object' || sink === null) {
    throw new IocpError('INVALID_ARGUMENT', {
      detail: `the sink is ${describeValue(sink)}, not an object`,
      fix,
    })
  }
  for (const name of callbacks) {
    const callback = read(sink, name)
    if (typeof callback === 'function') continue
    const detail = `the sink's ${name} is ${describeValue(callback)}, not a function`
    throw new IocpError('INVALID_ARGUMENT', { detail, fix })
  }
}

function read(sink: object, name: (typeof callbacks)[number]): unknown {
  try {
    return (sink as Record<string, unknown>)[name]
  } catch (cause) {
    throw new IocpError('INVALID_ARGUMENT', { detail: `the sink's ${name} throws when it is read`, cause })
  }
}
