import { callReporting } from '@frameport/framing/checks'

/**
 * Returns the receiver of reports about events: the user's hook, or the console for the first one.
 *
 * @param hook of the user
 * @param hookName the option that receives each report
 * @param textOf the text for the console
 * @param hookFailed called with the error that the hook throws or rejects with
 */
export function eventReport<Happened>(
  hook: ((happened: Happened) => unknown) | undefined,
  hookName: string,
  textOf: (happened: Happened) => string,
  hookFailed: (error: unknown) => void,
): (happened: Happened) => void {
  if (hook === undefined) return firstToConsole(hookName, textOf)
  return (happened) => callReporting(() => hook(happened), hookFailed)
}

function firstToConsole<Happened>(
  hookName: string,
  textOf: (happened: Happened) => string,
): (happened: Happened) => void {
  let warned = false
  return (happened) => {
    if (warned) return
    warned = true
    // The text of a server's refusal may end with a full stop.
    const told = textOf(happened).replace(/\.$/, '')
    const text = `frameport: ${told}. Further ones are not reported: set ${hookName} to see each.`
    // biome-ignore lint/suspicious/noConsole: an event that is lost must not be lost in silence, and no hook was given.
    console.warn(text)
  }
}
