import type { Gate } from '../consumer/registry.ts'

/** The fault of a publication. `unanswered`: the registry accepts it, but the answer is lost. */
export type Fault = 'refused' | 'unanswered'

/** The packages that were sent to a registry, and their faults. */
export class Publications {
  /** The names of the packages that were sent since the last call, including rejected ones. */
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

  /** The publication with this number, from 1, fails. */
  fail(number: number, fault: Fault): void {
    this.#faults.set(number, fault)
  }

  /** The packages sent since the last call; faults that have not occurred are dropped. */
  take(): readonly string[] {
    const sent = this.#sent
    this.#sent = []
    this.#faults.clear()
    return sent
  }
}
