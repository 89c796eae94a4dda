#include "failed_associate.h"

namespace frameport::injection {

void close_failed(Port& port, Handle accepted) { port.discard(accepted); }

}  // namespace frameport::injection
