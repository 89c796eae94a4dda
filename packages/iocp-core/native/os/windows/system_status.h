#ifndef FRAMEPORT_WINDOWS_SYSTEM_STATUS_H_
#define FRAMEPORT_WINDOWS_SYSTEM_STATUS_H_

#include <cstdint>

namespace frameport {

// The error number of the C runtime (the E* that Node's os.constants.errno has on Windows) for an error of Winsock
// or of the system. An error without an E* is returned unchanged: Node knows its WSA* name.
int32_t errno_of(uint32_t system_error);
// Whether such a status means that the system had no memory or buffers, so that the same call may succeed later.
bool lacks_memory(int32_t status);
// The status of the last call of this thread. Never 0.
int32_t last_socket_status();
int32_t last_system_status();

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_SYSTEM_STATUS_H_
