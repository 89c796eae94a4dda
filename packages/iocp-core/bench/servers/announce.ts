/** Tells the benchmark the port of the server, and collects garbage on request, before memory is read. */
export function announce(port: number): void {
  process.on('message', () => {
    // Twice: the second pass collects the objects that finalizers released in the first pass.
    globalThis.gc?.()
    globalThis.gc?.()
    process.send?.('collected')
  })
  process.stdout.write(`listening ${port}\n`)
}
