/** Levels of arrays and objects in a body: validators recurse, and no document of a contract needs more. */
export const jsonDepthMax = 128

const quote = 0x22
const backslash = 0x5c

/**
 * Whether a JSON text nests more than {@link jsonDepthMax} levels. Most texts contain fewer opening brackets than that,
 * and are then not walked. The result for invalid JSON is arbitrary.
 */
export function isTooDeep(text: string): boolean {
  return hasManyBrackets(text) && depthExceeds(text)
}

function hasManyBrackets(text: string): boolean {
  if (text.length <= 2 * jsonDepthMax) return false
  return count(text, '[') + count(text, '{') > jsonDepthMax
}

/** No further than {@link jsonDepthMax} + 1. */
function count(text: string, bracket: string): number {
  let found = 0
  for (let at = text.indexOf(bracket); at >= 0 && found <= jsonDepthMax; at = text.indexOf(bracket, at + 1))
    found += 1
  return found
}

function depthExceeds(text: string): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inText) {
      if (code === backslash) at += 1
      else if (code === quote) inText = false
    } else if (code === quote) inText = true
    // [ and {, ] and } differ in one bit.
    else if ((code | 0x20) === 0x7b) {
      depth += 1
      if (depth > jsonDepthMax) return true
    } else if ((code | 0x20) === 0x7d) depth -= 1
  }
  return false
}
