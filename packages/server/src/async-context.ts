/** The async contexts of Node (`AsyncLocalStorage`) in which what users wrote is called. */
export { currentContext, emptyContext } from '@frameport/iocp-core'
