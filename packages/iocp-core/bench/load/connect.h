#ifndef FRAMEPORT_BENCH_CONNECT_H_
#define FRAMEPORT_BENCH_CONNECT_H_

#include <cstdint>

namespace frameport::bench {

// A connected, blocking socket to the loopback.
int connect_to(uint16_t port);
// The opening handshake of RFC 6455 on it.
void upgrade_to_web_socket(int descriptor);

}  // namespace frameport::bench

#endif  // FRAMEPORT_BENCH_CONNECT_H_
