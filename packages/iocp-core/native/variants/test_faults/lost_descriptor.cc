// Seeded on purpose, in place of injection/failed_associate.cc, to show that the injection of failures can fail: a
// back end that forgets the accepted descriptor when it cannot make it its own.
#include "../injection/failed_associate.h"

namespace frameport::injection {

void close_failed(Port&, Handle) {}

}  // namespace frameport::injection
