#ifndef FRAMEPORT_WINDOWS_STREAM_SOCKET_H_
#define FRAMEPORT_WINDOWS_STREAM_SOCKET_H_

#include <cstdint>

#include "../../port.h"

// Functions for stream sockets of Windows, apart from moving bytes. Every socket made here is overlapped, non-blocking
// for calls without an OVERLAPPED, and not inherited by child processes.
namespace frameport::stream_socket {

// An error number, or 0 with the socket in `handle`. `family` is that of `address`.
int32_t create(int family, Handle& handle);
// Bound to any address of the family, as ConnectEx requires.
int32_t open(const Address& address, const SocketOptions& options, Handle& handle);
int32_t open_listening(const Address& address, const ListenOptions& options, Handle& handle);

int32_t apply(Handle handle, const SocketOptions& options);
int32_t local_address(Handle handle, Address& address);
int32_t remote_address(Handle handle, Address& address);
void reset_on_close(Handle handle);
void close(Handle handle);
int family_of(const Address& address);

}  // namespace frameport::stream_socket

#endif  // FRAMEPORT_WINDOWS_STREAM_SOCKET_H_
