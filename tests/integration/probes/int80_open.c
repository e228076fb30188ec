/* open(argv[1]) by the 32-bit system call interface of a 64-bit process, then print it. Exit 3: no such interface here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static long call32(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

int main(int argc, char **argv)
{
    /* Pointers of that interface have 32 bits. */
    char *low = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (argc < 2 || low == MAP_FAILED)
        return 2;
    strcpy(low, argv[1]);
    long descriptor = call32(5, (long)low, 0, 0);
    if (descriptor == -ENOSYS)
        return 3;
    if (descriptor < 0)
        return 1;
    ssize_t length = read(descriptor, low, 4096);
    return write(1, low, length > 0 ? length : 0) < 0;
}
