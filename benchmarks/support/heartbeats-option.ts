/** FRAMEPORT_BENCH_HEARTBEATS=off: nobody pings, for rooms whose members do not see what comes together with lines. */
export const areHeartbeatsOff = process.env.FRAMEPORT_BENCH_HEARTBEATS === 'off'
