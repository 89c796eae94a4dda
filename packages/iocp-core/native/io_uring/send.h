#ifndef FRAMEPORT_IO_URING_SEND_H_
#define FRAMEPORT_IO_URING_SEND_H_

#include <sys/socket.h>

#include "../port.h"
#include "kernel_abi.h"
#include "taken.h"

namespace frameport::io_uring {

// `header` stays untouched until the kernel has taken the entry; record and bytes until the completion.
void prepare_send(const SendOperation& operation, SubmissionEntry& entry, msghdr& header);
Taken take_send(const CompletionEntry& entry, Completion& completion);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_SEND_H_
