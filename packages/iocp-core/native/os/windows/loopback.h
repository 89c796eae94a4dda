#ifndef FRAMEPORT_WINDOWS_LOOPBACK_H_
#define FRAMEPORT_WINDOWS_LOOPBACK_H_

#include "../../port.h"
#include "../../seams/address.h"

namespace frameport {

// The address to connect to. "Any address" (0.0.0.0, ::, ::ffff:0.0.0.0) is no destination on Windows
// (WSAEADDRNOTAVAIL); elsewhere it means this machine, so here it becomes the loopback address of its family, as in
// libuv (src/uv-common.c, uv__convert_to_localhost_if_unspecified).
Address destination_of(const Address& address);
// 127.0.0.0/8, ::1, or the former written as an IPv6 address.
bool is_loopback(const Address& address);
// A refused connect to this machine fails at once. Windows repeats the SYN otherwise, which takes two seconds. Where it
// cannot be asked for, nothing changes.
void fail_fast(Handle socket, const Address& remote);

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_LOOPBACK_H_
