/* A bad disk and a bad clock for one process: loaded before libc (LD_PRELOAD), it stands
 * between a program and the files below one folder. What it does is read at every call from
 * a small file that both sides share, so that faults come and go while the program runs.
 *
 * Every number below is an int64_t in the control file, in this order; `mod.rs` writes the
 * first half and reads the second. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t growth_left;       /* bytes by which files may still grow; -1: without limit */
    int64_t write_fails_every; /* every so many writes fail with EIO; 0: none */
    int64_t sync_fails_every;  /* every so many fsyncs fail with EIO; 0: none */
    int64_t sync_slow_ms;      /* every fsync takes this much longer */
    int64_t write_short_every; /* every so many writes take half of the bytes only; 0: none */
    int64_t clock_ahead_s;     /* the wall clock is so many seconds ahead */
    int64_t keeps_undo;        /* 1: what was not synced yet can be taken back */
    int64_t reserved;
    int64_t writes;            /* seen so far */
    int64_t syncs;             /* seen so far */
    int64_t injected;          /* faults so far */
};

static struct control *control;
static const char *folder;    /* files below it are meant */
static const char *undo;      /* folder of what can be taken back */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *next(void **known, const char *name) {
    void *function = __atomic_load_n(known, __ATOMIC_ACQUIRE);
    if (!function) {
        function = dlsym(RTLD_NEXT, name);
        __atomic_store_n(known, function, __ATOMIC_RELEASE);
    }
    return function;
}

#define REAL(result, name, ...)                                  \
    static void *known_##name;                                   \
    typedef result (*type_##name)(__VA_ARGS__);                  \
    static type_##name real_##name(void) {                       \
        return (type_##name)next(&known_##name, #name);          \
    }

REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, writev, int, const struct iovec *, int)
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)
REAL(int, ftruncate64, int, off64_t)
REAL(int, posix_fallocate64, int, off64_t, off64_t)
REAL(int, fallocate64, int, int, off64_t, off64_t)
REAL(int, fsync, int)
REAL(int, fdatasync, int)
REAL(int, unlink, const char *)
REAL(int, clock_gettime, clockid_t, struct timespec *)
REAL(int, gettimeofday, struct timeval *, void *)

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("TASUKI_FAULTS_CONTROL");
    folder = getenv("TASUKI_FAULTS_FOLDER");
    undo = getenv("TASUKI_FAULTS_UNDO");
    if (!path || !folder || !undo) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED) control = at;
}

static int64_t get(const int64_t *number) { return __atomic_load_n(number, __ATOMIC_SEQ_CST); }
static int64_t count(int64_t *number) { return __atomic_add_fetch(number, 1, __ATOMIC_SEQ_CST); }

/* Is it a file below the folder? Then with its path. */
static int is_meant(int fd, char *path, size_t size) {
    if (!control) return 0;
    int saved = errno;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    errno = saved;
    if (length <= 0) return 0;
    path[length] = 0;
    size_t above = strlen(folder);
    return strncmp(path, folder, above) == 0 && path[above] == '/';
}

static int is_due(int64_t number, int64_t every) { return every > 0 && number % every == 0; }

static int fail(int code) {
    count(&control->injected);
    errno = code;
    return -1;
}

/* The undo file of an open file; one for each inode. */
static int undo_file(int fd) {
    struct stat at;
    if (fstat(fd, &at)) return -1;
    char name[4096];
    snprintf(name, sizeof name, "%s/%llu.undo", undo, (unsigned long long)at.st_ino);
    return open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* One record: length of the path, offset, size of the file before, bytes; path; bytes. */
struct record {
    int64_t path, offset, size, bytes;
};

/* Notes what stood at `offset`, before it is overwritten or cut off. */
static void note(int fd, const char *path, off64_t offset, size_t length, off64_t size) {
    if (!get(&control->keeps_undo)) return;
    off64_t end = offset + (off64_t)length;
    if (end > size) end = size;
    size_t old = end > offset ? (size_t)(end - offset) : 0;
    struct record head = {(int64_t)strlen(path), offset, size, (int64_t)old};
    size_t all = sizeof head + (size_t)head.path + old;
    char *buffer = malloc(all);
    if (!buffer) abort();
    memcpy(buffer, &head, sizeof head);
    memcpy(buffer + sizeof head, path, (size_t)head.path);
    char *bytes = buffer + sizeof head + head.path;
    /* A descriptor that only writes cannot be read through. */
    int reading = old ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (old && (reading < 0 || pread64(reading, bytes, old, offset) != (ssize_t)old)) abort();
    if (reading >= 0) close(reading);
    int to = undo_file(fd);
    if (to < 0 || real_write()(to, buffer, all) != (ssize_t)all) abort();
    close(to);
    free(buffer);
}

static void forget(int fd) {
    int of = undo_file(fd);
    if (of < 0 || real_ftruncate64()(of, 0)) abort();
    close(of);
}

/* Where the record after the one at `place` begins. */
static size_t after(const char *all, size_t place) {
    struct record head;
    memcpy(&head, all + place, sizeof head);
    return place + sizeof head + (size_t)head.path + (size_t)head.bytes;
}

/* After a failed fsync the kernel may have dropped what it could not write: it is gone. */
static void drop_unsynced(int fd) {
    int of = undo_file(fd);
    struct stat at;
    if (of < 0 || fstat(of, &at)) abort();
    size_t length = (size_t)at.st_size;
    char *all = malloc(length + 1);
    if (!all || pread64(of, all, length, 0) != (ssize_t)length) abort();
    size_t records = 0;
    for (size_t place = 0; place < length; records++) {
        place = after(all, place);
    }
    size_t *places = malloc((records + 1) * sizeof *places);
    if (!places) abort();
    size_t place = 0;
    for (size_t number = 0; number < records; number++) {
        places[number] = place;
        place = after(all, place);
    }
    for (size_t number = records; number-- > 0;) {
        struct record head;
        memcpy(&head, all + places[number], sizeof head);
        const char *bytes = all + places[number] + sizeof head + head.path;
        if (head.bytes && real_pwrite64()(fd, bytes, (size_t)head.bytes, head.offset) != head.bytes)
            abort();
        if (real_ftruncate64()(fd, head.size)) abort();
    }
    free(places);
    free(all);
    if (real_ftruncate64()(of, 0)) abort();
    close(of);
}

/* How many of `length` bytes at `offset` may be written now; -1 with errno: none. */
static ssize_t admit(off64_t offset, size_t length, off64_t size) {
    int64_t number = count(&control->writes);
    if (is_due(number, get(&control->write_fails_every))) return fail(EIO);
    int64_t left = get(&control->growth_left);
    int64_t growth = offset + (int64_t)length - size;
    if (left >= 0 && growth > 0) {
        if (growth > left) {
            int64_t fits = (int64_t)length - (growth - left);
            __atomic_store_n(&control->growth_left, 0, __ATOMIC_SEQ_CST);
            if (left == 0 || fits <= 0) return fail(ENOSPC);
            count(&control->injected);
            return fits;
        }
        __atomic_store_n(&control->growth_left, left - growth, __ATOMIC_SEQ_CST);
    }
    if (length > 1 && is_due(number, get(&control->write_short_every))) {
        count(&control->injected);
        return (ssize_t)(length / 2);
    }
    return (ssize_t)length;
}

static off64_t size_of(int fd) {
    struct stat at;
    return fstat(fd, &at) ? 0 : at.st_size;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    char path[4096];
    if (!is_meant(fd, path, sizeof path)) return real_pwrite64()(fd, bytes, length, offset);
    pthread_mutex_lock(&lock);
    off64_t size = size_of(fd);
    ssize_t fits = admit(offset, length, size);
    if (fits > 0) {
        note(fd, path, offset, (size_t)fits, size);
        fits = real_pwrite64()(fd, bytes, (size_t)fits, offset);
    }
    int code = errno;
    pthread_mutex_unlock(&lock);
    errno = code;
    return fits;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    char path[4096];
    if (!is_meant(fd, path, sizeof path)) return real_write()(fd, bytes, length);
    pthread_mutex_lock(&lock);
    off64_t size = size_of(fd);
    off64_t offset = fcntl(fd, F_GETFL) & O_APPEND ? size : lseek64(fd, 0, SEEK_CUR);
    ssize_t fits = admit(offset, length, size);
    if (fits > 0) {
        note(fd, path, offset, (size_t)fits, size);
        fits = real_write()(fd, bytes, (size_t)fits);
    }
    int code = errno;
    pthread_mutex_unlock(&lock);
    errno = code;
    return fits;
}

ssize_t writev(int fd, const struct iovec *parts, int number) {
    char path[4096];
    if (!is_meant(fd, path, sizeof path)) return real_writev()(fd, parts, number);
    /* A short write is an answer that every caller must bear: the first part alone. */
    for (int part = 0; part < number; part++)
        if (parts[part].iov_len) return write(fd, parts[part].iov_base, parts[part].iov_len);
    return 0;
}

int ftruncate64(int fd, off64_t length) {
    char path[4096];
    if (!is_meant(fd, path, sizeof path)) return real_ftruncate64()(fd, length);
    pthread_mutex_lock(&lock);
    int result;
    off64_t size = size_of(fd);
    /* Growth by truncation takes no block of the disk, so that a full disk admits it. */
    if (is_due(count(&control->writes), get(&control->write_fails_every))) {
        result = fail(EIO);
    } else {
        off64_t from = length < size ? length : size;
        note(fd, path, from, (size_t)(size - from), size);
        result = real_ftruncate64()(fd, length);
    }
    int code = errno;
    pthread_mutex_unlock(&lock);
    errno = code;
    return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int reserve(int fd, off64_t offset, off64_t length) {
    char path[4096];
    if (!is_meant(fd, path, sizeof path)) return 0;
    pthread_mutex_lock(&lock);
    off64_t size = size_of(fd);
    ssize_t fits = admit(offset, (size_t)length, size);
    int code = fits < 0 ? errno : fits < length ? ENOSPC : 0;
    if (!code) note(fd, path, size, 0, size);
    pthread_mutex_unlock(&lock);
    return code;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    int code = reserve(fd, offset, length);
    return code ? code : real_posix_fallocate64()(fd, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    return posix_fallocate64(fd, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    int code = reserve(fd, offset, length);
    if (code) {
        errno = code;
        return -1;
    }
    return real_fallocate64()(fd, mode, offset, length);
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    return fallocate64(fd, mode, offset, length);
}

/* A file that goes takes its undo with it: its inode may come back as another file. */
int unlink(const char *path) {
    int fd = control && get(&control->keeps_undo) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char known[4096];
    int result = real_unlink()(path);
    int code = errno;
    if (fd >= 0) {
        if (result == 0 && is_meant(fd, known, sizeof known)) forget(fd);
        close(fd);
    }
    errno = code;
    return result;
}

static int sync_with(int fd, int (*real)(int)) {
    char path[4096];
    if (!is_meant(fd, path, sizeof path)) return real(fd);
    int64_t slow = get(&control->sync_slow_ms);
    if (slow > 0) {
        count(&control->injected);
        struct timespec wait = {slow / 1000, slow % 1000 * 1000000};
        nanosleep(&wait, NULL);
    }
    struct stat at;
    int is_file = fstat(fd, &at) == 0 && S_ISREG(at.st_mode);
    int64_t number = count(&control->syncs);
    /* Without undo, writers of other files need not wait for this one. */
    int keeps = is_file && get(&control->keeps_undo);
    if (keeps) pthread_mutex_lock(&lock);
    int result;
    if (is_due(number, get(&control->sync_fails_every))) {
        if (keeps) drop_unsynced(fd);
        result = fail(EIO);
    } else {
        result = real(fd);
        if (keeps && result == 0) forget(fd);
    }
    int code = errno;
    if (keeps) pthread_mutex_unlock(&lock);
    errno = code;
    return result;
}

int fsync(int fd) { return sync_with(fd, real_fsync()); }
int fdatasync(int fd) { return sync_with(fd, real_fdatasync()); }

int clock_gettime(clockid_t clock, struct timespec *at) {
    int result = real_clock_gettime()(clock, at);
    if (result == 0 && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        at->tv_sec += get(&control->clock_ahead_s);
    return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    int result = real_gettimeofday()(at, zone);
    if (result == 0 && control) at->tv_sec += get(&control->clock_ahead_s);
    return result;
}

time_t time(time_t *to) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (to) *to = at.tv_sec;
    return at.tv_sec;
}
