#ifndef FRAMEPORT_IO_URING_CONNECT_H_
#define FRAMEPORT_IO_URING_CONNECT_H_

#include "../../port.h"
#include "kernel_abi.h"
#include "taken.h"

namespace frameport::io_uring {

void prepare_connect(const ConnectOperation& operation, SubmissionEntry& entry);
Taken take_connect(const CompletionEntry& entry, Completion& completion);

}  // namespace frameport::io_uring

#endif  // FRAMEPORT_IO_URING_CONNECT_H_
