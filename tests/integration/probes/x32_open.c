/* open(argv[1]) by the x32 system call interface, then print it. Exit 3: ENOSYS. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char buffer[4096];
    if (argc < 2)
        return 2;
    long descriptor = syscall(0x40000000L | SYS_open, argv[1], 0, 0);
    if (descriptor < 0)
        return errno == ENOSYS ? 3 : 1;
    ssize_t length = read(descriptor, buffer, sizeof buffer);
    return write(1, buffer, length > 0 ? length : 0) < 0;
}
