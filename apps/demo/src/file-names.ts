import { limits } from './limits.ts'
import { firstUnsafeCharacter, neutralisedParts } from './safe-text.ts'
import { described } from './text-rules.ts'

const utf8 = new TextEncoder()

/**
 * Checks the name under which a file is offered. Returns a sentence for the sender, or undefined if the name is
 * allowed. It must be a name without a path, and must not contain characters that a terminal interprets.
 */
export function fileNameFault(name: string): string | undefined {
  if (name.trim() === '') return 'The name of a file must not be blank.'
  if (/[/\\]/.test(name) || name === '.' || name === '..')
    return 'Offer a file under its name, without a path.'
  const bytes = utf8.encode(name).length
  if (bytes > limits.fileNameBytesMax) {
    return `The name of a file may have at most ${limits.fileNameBytesMax} bytes; this one has ${bytes}. Rename the file first.`
  }
  const unsafe = firstUnsafeCharacter(name)
  return unsafe && `The name of a file must not contain ${described(unsafe)}. Rename the file first.`
}

/** Names that Windows takes for devices, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * The name under which a received file is saved: the last part of a path, without characters that a terminal, a
 * shell or a file system of any kind acts on. A dot in front would hide it, or make a tool read it as its settings; a
 * dash would make it an option of a command.
 */
export function savedFileName(offered: string): string {
  const last = offered.split(/[/\\]/).at(-1) ?? ''
  const plain = harmlessCharacters(last.normalize('NFC')).trim()
  const visible = withoutEnd(plain).replace(/^[.~-]+/, (start) => '_'.repeat(start.length))
  const name = withoutEnd(cut(visible, limits.fileNameBytesMax))
  if (/^_*$/.test(name)) return 'file'
  return device.test(name) ? withoutEnd(`_${cut(name, limits.fileNameBytesMax - 1)}`) : name
}

/** `notes.pdf`, then `notes (2).pdf`. The extension stays, so that the file opens with the same program. */
export function numberedFileName(name: string, number: number): string {
  if (number === 1) return name
  const { stem, extension } = parts(name)
  return `${stem} (${number})${extension}`
}

function harmlessCharacters(text: string): string {
  const shown = neutralisedParts(text)
  const isHarmless = (character: string, index: number) =>
    shown[index] === character && !/[<>:"|?*]/.test(character)
  return [...text].map((character, index) => (isHarmless(character, index) ? character : '_')).join('')
}

/** Windows leaves dots and blanks at the end of a name out, and would save it under another one. */
function withoutEnd(name: string): string {
  return name.replace(/[. ]+$/, '')
}

/** Cuts a name to at most `bytesMax` bytes. It removes graphemes before the extension. */
function cut(name: string, bytesMax: number): string {
  if (utf8.encode(name).length <= bytesMax) return name
  const { stem, extension } = parts(name)
  let left = bytesMax - utf8.encode(extension).length
  let kept = ''
  for (const { segment } of new Intl.Segmenter('en').segment(stem)) {
    left -= utf8.encode(segment).length
    if (left < 0) break
    kept += segment
  }
  return `${kept}${extension}`
}

/** Divides a name. The part after the last dot is an extension if it is short enough. */
function parts(name: string): { readonly stem: string; readonly extension: string } {
  const extension = /(?<=.)(?:\.tar)?\.[\p{L}\p{N}]{1,10}$/u.exec(name)?.[0] ?? ''
  return { stem: name.slice(0, name.length - extension.length), extension }
}
