#ifndef FRAMEPORT_BENCH_CONNECT_H_
#define FRAMEPORT_BENCH_CONNECT_H_

#include <cstdint>

namespace frameport::bench {

// Returns a blocking socket, connected to this port of the loopback address.
int connect_to(uint16_t port);
// Performs the opening handshake of RFC 6455 on the socket.
void upgrade_to_web_socket(int descriptor);

}  // namespace frameport::bench

#endif  // FRAMEPORT_BENCH_CONNECT_H_
