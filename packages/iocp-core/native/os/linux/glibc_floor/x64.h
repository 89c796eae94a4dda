// scripts/build-addon.mjs includes this file before every source of an addon for Linux x64. glibc 2.32 to 2.34
// moved these functions from libpthread and libdl into libc with a new version; older systems have only the old one.
// Without these lines an addon that is linked on a new system requires the new version, and fails on an old system.
__asm__(".symver pthread_create,pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join,pthread_join@GLIBC_2.2.5");
__asm__(".symver pthread_sigmask,pthread_sigmask@GLIBC_2.2.5");
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
