/** Handlers of a server without files. */
export const noFiles = {
  async *offer() {},
  async *take() {},
  decline: () => {},
  list: () => ({ files: [] }),
}
