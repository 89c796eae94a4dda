#ifndef FRAMEPORT_WINDOWS_WINE_H_
#define FRAMEPORT_WINDOWS_WINE_H_

namespace frameport {

// Whether this Windows is Wine, by the function that its FAQ names for the question.
bool is_wine();

}  // namespace frameport

#endif  // FRAMEPORT_WINDOWS_WINE_H_
