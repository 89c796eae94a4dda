// Put before every source of an addon for Linux arm64 by scripts/build-addon.mjs. glibc 2.32 to 2.34 moved these functions
// from libpthread and libdl into libc and gave them a new version; the old one is there still, and is what older systems have.
// Without these lines an addon that is linked on a new system asks for the new version, and does not load on an old one.
__asm__(".symver pthread_create,pthread_create@GLIBC_2.17");
__asm__(".symver pthread_join,pthread_join@GLIBC_2.17");
__asm__(".symver pthread_sigmask,pthread_sigmask@GLIBC_2.17");
__asm__(".symver dlsym,dlsym@GLIBC_2.17");
