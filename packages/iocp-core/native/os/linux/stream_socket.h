#ifndef FRAMEPORT_LINUX_STREAM_SOCKET_H_
#define FRAMEPORT_LINUX_STREAM_SOCKET_H_

#include <cstdint>

#include "../../port.h"

// What every back end of Linux does with a stream socket apart from moving bytes.
namespace frameport::stream_socket {

// What Port has under these names. 0, or the error number with nothing left open and `socket` as it was.
int32_t listen(Socket& socket, const Address& address, const ListenOptions& options);
int32_t open(Socket& socket, const Address& address, const SocketOptions& options);
// Makes `socket` the one of this descriptor.
void associate(Socket& socket, Handle descriptor);
// Closes the descriptor once, after the last operation. The file of a Unix listener belongs to whoever chose its path.
void close(Socket& socket);

// 0 when the system takes TCP_NOTSENT_LOWAT, or the error number. Opens a socket for it and closes it.
int32_t try_not_sent_low();

int32_t local_address(int descriptor, Address& address);
int32_t remote_address(int descriptor, Address& address);
void reset_on_close(int descriptor);
// Whether a failed accept is a fault of the one connection that was waiting.
bool is_fault_of_the_peer(int status);
// Offers bytes by send(2), which takes what it has room for without waiting.
void send_now(SendAttempt& attempt);

}  // namespace frameport::stream_socket

#endif  // FRAMEPORT_LINUX_STREAM_SOCKET_H_
