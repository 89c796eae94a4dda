/** A function that a user passed to the library. */
export type Given = (...args: never[]) => unknown

/** The behaviour of a wrong function. `right` calls the correct function, and `later` waits. */
export type Way = (right: () => unknown, later: () => Promise<void>) => unknown

const wrong = () => new Error('a wrong function')

/** Ways in which a function of a user may be wrong. */
export const ways: Readonly<Record<string, Way>> = {
  throws() {
    throw wrong()
  },
  'returns undefined': () => undefined,
  rejects: () => Promise.reject(wrong()),
  async 'rejects later'(_right, later) {
    await later()
    throw wrong()
  },
  'never settles': () => new Promise(() => undefined),
  // biome-ignore lint/suspicious/noThenProperty: that is what is wrong with it.
  'returns an object whose then throws': () => ({ then: () => ways.throws?.(wrong, async () => undefined) }),
  'returns an object whose then cannot be read': () => ({
    // biome-ignore lint/suspicious/noThenProperty: as above.
    get then() {
      throw wrong()
    },
  }),
  'returns an object whose then settles twice': (right) => ({
    // biome-ignore lint/suspicious/noThenProperty: as above.
    then(done?: (value: unknown) => void, failed?: (error: Error) => void) {
      done?.(right())
      done?.(undefined)
      failed?.(wrong())
      throw wrong()
    },
  }),
}
