/** For `--import` in worker threads, because `--import tsx` only works in the main thread. */
import { register } from 'tsx/esm/api'

register()
