import type { LineEditor } from './line-editor.ts'

/** A key as `emitKeypressEvents` of node:readline reports it. */
export interface Key {
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly meta?: boolean | undefined
  readonly sequence?: string | undefined
}

/** The name of a key with what is held down: `ctrl-a`, `meta-b`, `left`. */
export function keyName({ name = '', ctrl, meta }: Key): string {
  return `${ctrl ? 'ctrl-' : ''}${meta ? 'meta-' : ''}${name}`
}

/** The keys of Emacs and of shells, and those with a name of their own. */
const edits: Readonly<Record<string, (editor: LineEditor) => void>> = {
  backspace: (editor) => editor.deleteBefore(),
  'ctrl-h': (editor) => editor.deleteBefore(),
  delete: (editor) => editor.deleteAfter(),
  'ctrl-u': (editor) => editor.cutToStart(),
  'ctrl-k': (editor) => editor.cutToEnd(),
  'ctrl-w': (editor) => editor.cutWordBefore(),
  'meta-backspace': (editor) => editor.cutWordBefore(),
  'meta-d': (editor) => editor.cutWordAfter(),
  'ctrl-delete': (editor) => editor.cutWordAfter(),
  'ctrl-y': (editor) => editor.insertCut(),
  home: (editor) => editor.toStart(),
  'ctrl-a': (editor) => editor.toStart(),
  end: (editor) => editor.toEnd(),
  'ctrl-e': (editor) => editor.toEnd(),
  left: (editor) => editor.left(),
  'ctrl-b': (editor) => editor.left(),
  right: (editor) => editor.right(),
  'ctrl-f': (editor) => editor.right(),
  'meta-b': (editor) => editor.wordLeft(),
  'meta-left': (editor) => editor.wordLeft(),
  'ctrl-left': (editor) => editor.wordLeft(),
  'meta-f': (editor) => editor.wordRight(),
  'meta-right': (editor) => editor.wordRight(),
  'ctrl-right': (editor) => editor.wordRight(),
  up: (editor) => editor.older(),
  'ctrl-p': (editor) => editor.older(),
  down: (editor) => editor.newer(),
  'ctrl-n': (editor) => editor.newer(),
  // On an empty line Ctrl-D leaves: the screen asks first.
  'ctrl-d': (editor) => editor.deleteAfter(),
}

/** Applies a key to the line: an edit, or the text that it stands for. Other keys do nothing. */
export function applyKey(editor: LineEditor, text: string | undefined, key: Key): void {
  const name = keyName(key)
  const edit = Object.hasOwn(edits, name) ? edits[name] : undefined
  if (edit !== undefined) edit(editor)
  else if (text !== undefined && !key.ctrl && !key.meta && !/\p{Cc}/u.test(text)) editor.insert(text)
}
