import type { SkippedAddress } from '../contract/completion-port.ts'
import type { DriverListener } from '../contract/driver.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { endpointUrl } from '../endpoint/parse-endpoint.ts'
import { IocpError } from '../iocp-error.ts'
import { limits } from '../limits.ts'

export interface BoundAddresses {
  /** At least one, in the order of the addresses. */
  readonly listeners: readonly DriverListener[]
  /** Addresses that this machine does not have. */
  readonly skipped: readonly SkippedAddress[]
}

/**
 * Binds every address of an endpoint. With port 0 the first address chooses the port, and the others take the same one: if
 * it is in use at one of them, all begin again with another port.
 *
 * An address that the machine does not have (an IPv6 address in a container without IPv6) is skipped, unless it is the last
 * one left. Any other failure, such as another program at one of the addresses, fails the whole call: some clients of
 * the name would connect to that program.
 *
 * @param wanted the requested endpoint, with its name
 * @param addresses at least one
 * @throws IocpError with nothing left open; if none of several addresses exists, with an AggregateError as its cause
 */
export async function bindAddresses(
  wanted: Endpoint,
  addresses: readonly Endpoint[],
  bind: (address: Endpoint) => Promise<DriverListener>,
  signal: AbortSignal,
): Promise<BoundAddresses> {
  const anyPort = wanted.kind === 'tcp' && wanted.port === 0
  for (let tries = anyPort ? limits.samePortTries.default : 1; ; tries--) {
    const bound = new BoundSoFar(anyPort)
    try {
      for (const address of addresses) {
        signal.throwIfAborted()
        await bound.add(address, bind)
      }
      if (bound.listeners.length === 0) throw nowhere(wanted, bound.skipped)
      return bound
    } catch (error) {
      const taken = bound.listeners.length > 0 && IocpError.is(error) && error.code === 'ADDRESS_IN_USE'
      await Promise.all(bound.listeners.map((listener) => listener.close()))
      if (!taken || tries <= 1) throw error
    }
  }
}

class BoundSoFar implements BoundAddresses {
  readonly listeners: DriverListener[] = []
  readonly skipped: SkippedAddress[] = []
  readonly #anyPort: boolean

  constructor(anyPort: boolean) {
    this.#anyPort = anyPort
  }

  async add(address: Endpoint, bind: (address: Endpoint) => Promise<DriverListener>): Promise<void> {
    const endpoint = this.#withChosenPort(address)
    try {
      this.listeners.push(await bind(endpoint))
    } catch (error) {
      if (!isAbsent(error)) throw error
      this.skipped.push({ endpoint, error })
    }
  }

  #withChosenPort(address: Endpoint): Endpoint {
    const first = this.listeners[0]?.endpoint
    return this.#anyPort && address.kind === 'tcp' && first?.kind === 'tcp'
      ? { ...address, port: first.port }
      : address
  }
}

/** The address is not one of this machine, or the machine has no addresses of its family. */
function isAbsent(error: unknown): error is IocpError {
  return (
    IocpError.is(error) && (error.code === 'ADDRESS_UNAVAILABLE' || error.code === 'ENDPOINT_UNSUPPORTED')
  )
}

function nowhere(wanted: Endpoint, skipped: readonly SkippedAddress[]): IocpError {
  const [first] = skipped
  if (first === undefined) return new IocpError('HOST_NOT_FOUND', { detail: endpointUrl(wanted) })
  if (skipped.length === 1) return first.error
  const tried = skipped.map(({ endpoint }) => endpointUrl(endpoint)).join(', ')
  return new IocpError(first.error.code, {
    detail: `listen ${endpointUrl(wanted)} failed at every address (${tried})`,
    cause: new AggregateError(
      skipped.map(({ error }) => error),
      'no address of the name belongs to this machine',
    ),
    ...(first.error.systemCode === undefined ? {} : { systemCode: first.error.systemCode }),
  })
}

/** Warns at its start if a listener has fewer addresses than its name. */
export function saySkipped(wanted: Endpoint, { listeners, skipped }: BoundAddresses): void {
  if (skipped.length === 0) return
  const urls = (of: readonly { readonly endpoint: Endpoint }[]) =>
    of.map(({ endpoint }) => endpointUrl(endpoint)).join(', ')
  process.emitWarning(
    `${endpointUrl(wanted)} also resolves to ${urls(skipped)}, which this machine does not have. The listener uses ${urls(listeners)}.`,
    {
      code: 'FRAMEPORT_ADDRESS_SKIPPED',
      detail: skipped.map(({ error }) => error.message).join('\n'),
    },
  )
}
