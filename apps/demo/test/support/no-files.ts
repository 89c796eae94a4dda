/** Handlers of a server that has no files. */
export const noFiles = {
  async *offer() {},
  async *take() {},
  decline: () => {},
  list: () => ({ files: [] }),
}
