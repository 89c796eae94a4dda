export function exerciseTestClient(): Promise<void>
export function exerciseVirtualTime(): Promise<void>
export function forgetTheClock(): Promise<void>
export function exerciseAll(): Promise<void>
