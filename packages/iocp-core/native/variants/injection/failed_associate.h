#ifndef FRAMEPORT_INJECTION_FAILED_ASSOCIATE_H_
#define FRAMEPORT_INJECTION_FAILED_ASSOCIATE_H_

#include "../../port.h"

namespace frameport::injection {

// The failing path of `associate` in a back end: it closes the accepted descriptor. It has its own file, so
// that a seeded fault can forget it.
void close_failed(Port& port, Handle accepted);

}  // namespace frameport::injection

#endif  // FRAMEPORT_INJECTION_FAILED_ASSOCIATE_H_
