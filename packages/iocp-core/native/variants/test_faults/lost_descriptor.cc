// Seeded on purpose, in place of injection/failed_associate.cc, to show that the injection of failures can fail: a
// back end forgets the accepted descriptor if it cannot associate it.
#include "../injection/failed_associate.h"

namespace frameport::injection {

void close_failed(Port&, Handle) {}

}  // namespace frameport::injection
