/** The recording for the tests in Python. */
export const recordedSession = new URL(
  '../../../interop/python/tests/data/recorded-session.json',
  import.meta.url,
)
