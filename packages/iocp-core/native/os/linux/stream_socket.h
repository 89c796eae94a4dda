#ifndef FRAMEPORT_LINUX_STREAM_SOCKET_H_
#define FRAMEPORT_LINUX_STREAM_SOCKET_H_

#include <cstdint>

#include "../../port.h"

// The functions that every Linux back end uses for stream sockets, apart from moving bytes.
namespace frameport::stream_socket {

// Implements Port's functions of these names. 0, or the error number with nothing left open and `socket` unchanged.
int32_t listen(Socket& socket, const Address& address, const ListenOptions& options);
int32_t open(Socket& socket, const Address& address, const SocketOptions& options);
// Gives `socket` this descriptor.
void associate(Socket& socket, Handle descriptor);
// Closes the descriptor once, after the last operation. The file of a Unix listener belongs to the code that chose it.
void close(Socket& socket);

// 0 if the system accepts TCP_NOTSENT_LOWAT, or the error number. Opens a socket for it and closes it.
int32_t try_not_sent_low();

int32_t local_address(int descriptor, Address& address);
int32_t remote_address(int descriptor, Address& address);
void reset_on_close(int descriptor);
// Whether a failed accept concerns only the connection that was waiting.
bool is_fault_of_the_peer(int status);
// Offers bytes by send(2), which takes as many as it has room for without waiting.
void send_now(SendAttempt& attempt);

}  // namespace frameport::stream_socket

#endif  // FRAMEPORT_LINUX_STREAM_SOCKET_H_
