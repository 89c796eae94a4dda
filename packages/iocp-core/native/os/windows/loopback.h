#ifndef FRAMEPORT_WINDOWS_LOOPBACK_H_
#define FRAMEPORT_WINDOWS_LOOPBACK_H_

#include "../../port.h"
#include "../../seams/address.h"

namespace frameport {

// The address to connect to. "Any address" (0.0.0.0, ::, ::ffff:0.0.0.0) is not a valid destination on Windows
// (WSAEADDRNOTAVAIL); elsewhere it means this machine, so here it becomes the loopback address of its family, as in
// libuv (src/uv-common.c, uv__convert_to_localhost_if_unspecified).
Address destination_of(const Address& address);
// Whether it is in 127.0.0.0/8, ::1, or the former written as an IPv6 address.
bool is_loopback(const Address& address);
// Makes a refused connect to this machine fail at once. Otherwise Windows repeats the SYN, which takes two seconds. If
// the option is not supported, nothing changes.
void fail_fast(Handle socket, const Address& remote);

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_LOOPBACK_H_
