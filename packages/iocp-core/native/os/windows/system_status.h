#ifndef FRAMEPORT_WINDOWS_SYSTEM_STATUS_H_
#define FRAMEPORT_WINDOWS_SYSTEM_STATUS_H_

#include <cstdint>

namespace frameport {

// The error number of the C runtime (the E* that Node's os.constants.errno has on Windows) for an error of Winsock
// or of the system. One that has no E* passes as it is: Node knows its WSA* name.
int32_t errno_of(uint32_t system_error);
// Of a status as above: the system had no memory or no buffers at that moment, and the same call may succeed later.
bool lacks_memory(int32_t status);
// Of the last call of this thread. Never 0.
int32_t last_socket_status();
int32_t last_system_status();

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_SYSTEM_STATUS_H_
