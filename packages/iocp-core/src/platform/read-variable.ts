/**
 * A variable of the environment; undefined when it is not set, is empty, or may not be read: Deno throws for each
 * variable that `--allow-env` does not name.
 */
export function readVariable(
  name: string,
  environment: () => NodeJS.ProcessEnv = () => process.env,
): string | undefined {
  try {
    return environment()[name] || undefined
  } catch {
    return undefined
  }
}
