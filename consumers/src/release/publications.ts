import type { Gate } from '../consumer/registry.ts'

/** What goes wrong with a publication. `unanswered`: the registry takes it, and the answer gets lost. */
export type Fault = 'refused' | 'unanswered'

/** What was sent to a registry, and what becomes of it. */
export class Publications {
  /** The names of the packages that were sent since the last look, also of what was refused. */
  #sent: string[] = []
  #faults = new Map<number, Fault>()

  readonly gate: Gate = (serve, request, response) => {
    if (request.method !== 'PUT') return serve(request, response)
    this.#sent.push(decodeURIComponent((request.url ?? '').slice(1)))
    const fault = this.#faults.get(this.#sent.length)
    if (fault === 'refused') {
      request.resume().on('end', () => response.writeHead(503).end())
      return
    }
    if (fault === 'unanswered') response.end = (() => response.destroy()) as typeof response.end
    serve(request, response)
  }

  /** The publication with this number, beginning with 1, goes wrong. */
  fail(number: number, fault: Fault): void {
    this.#faults.set(number, fault)
  }

  /** What was sent since the last call; faults that did not come true are forgotten. */
  take(): readonly string[] {
    const sent = this.#sent
    this.#sent = []
    this.#faults.clear()
    return sent
  }
}
