import {
  checking,
  describeValue,
  missingMethods,
  readOnce,
  unknownName,
  wrongKind,
} from '@frameport/protocol/checks'
import { refusal, refuse } from '../check-options.ts'
import type { KnownPlace, WebSocketListenOptions, WebSocketPlace } from './ws-options.ts'

const names: readonly (keyof WebSocketListenOptions)[] = ['origins', 'messageBytesMax', 'remoteEndpoint']

/**
 * Checks the options of `ws()`, and reads each once.
 *
 * @throws ServerError `INVALID_OPTION`
 */
export function checkWsOptions(options: WebSocketListenOptions): WebSocketListenOptions {
  return checking(() => {
    refuse(unknownName('options', options, names))
    const given = readOnce(options, names)
    const { origins, messageBytesMax, remoteEndpoint } = given
    refuse(wrongOrigins(origins))
    refuse(wrongKind('remoteEndpoint', remoteEndpoint, 'function'))
    if (messageBytesMax !== undefined && (!Number.isSafeInteger(messageBytesMax) || messageBytesMax < 1))
      refuse(`messageBytesMax is ${describeValue(messageBytesMax)}, not a positive integer`)
    return given
  }, refusal)
}

/**
 * @throws ServerError `INVALID_OPTION`
 */
export function checkPlace(place: WebSocketPlace): KnownPlace {
  return checking(() => {
    refuse(unknownName('the place', place, ['server', 'path']))
    const { server, path = '/' } = readOnce(place, ['server', 'path'])
    refuse(
      missingMethods('server', server, {
        what: 'a server of node:http or node:https',
        methods: ['on', 'off', 'listen'],
      }),
    )
    if (server === undefined) refuse('server is missing')
    if (typeof path !== 'string' || !path.startsWith('/') || /[?#]/.test(path))
      refuse(`path is ${describeValue(path)}, not a path such as /chat`)
    return { server: server as WebSocketPlace['server'], path }
  }, refusal)
}

function wrongOrigins(origins: unknown): string | undefined {
  if (origins === undefined || origins === 'any' || typeof origins === 'function') return undefined
  if (!Array.isArray(origins))
    return `origins is ${describeValue(origins)}, not 'any', an array or a function`
  const wrong: unknown = origins.find((origin) => !isOrigin(origin))
  return wrong === undefined
    ? undefined
    : `origins has ${describeValue(wrong)}, not an origin such as https://chat.example.com`
}

/** In the form that a browser sends: without a path, and without the default port of the scheme. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    return value === 'null' || new URL(value).origin === value
  } catch {
    return false
  }
}
