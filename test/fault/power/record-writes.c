/*
 * Loaded into a process by LD_PRELOAD: writes down, in order, everything that it asks of the file system in one folder, and
 * fails what it is told to fail.
 *
 *   RECORD_DIR   the folder; what happens elsewhere is not looked at
 *   RECORD_LOG   where to write it down: op, file number, offset, length (each 8 bytes, little-endian), then the data
 *   FAIL_OP      "write" or "sync"; FAIL_AT the first that fails, counted from 1; FAIL_COUNT how many; FAIL_ERRNO with what
 */
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OP_OPEN = 1, OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_UNLINK, OP_RENAME, OP_SYNC_DIR };
enum { MOST_FDS = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *dir;
static size_t dir_length;
static int log_fd = -1;
static const char *fail_op;
static long fail_at, fail_count, fail_errno, writes_seen, syncs_seen;
/* Inode of the file that a descriptor stands for; 0: not ours. */
static uint64_t file_of[MOST_FDS];
static char is_dir[MOST_FDS];

static long number(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? 0 : atol(value);
}

__attribute__((constructor)) static void begin(void) {
  dir = getenv("RECORD_DIR");
  if (dir == NULL) return;
  dir_length = strlen(dir);
  const char *path = getenv("RECORD_LOG");
  if (path != NULL) log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  fail_op = getenv("FAIL_OP");
  fail_at = number("FAIL_AT");
  fail_count = number("FAIL_COUNT");
  fail_errno = number("FAIL_ERRNO");
}

static int is_ours(const char *path) {
  return dir != NULL && path != NULL && strncmp(path, dir, dir_length) == 0 &&
         (path[dir_length] == '/' || path[dir_length] == 0);
}

static void note(uint64_t op, uint64_t file, uint64_t offset, const void *data, uint64_t length) {
  if (log_fd < 0) return;
  uint64_t head[4] = {op, file, offset, length};
  char *whole = malloc(sizeof head + length);
  if (whole == NULL) abort();
  memcpy(whole, head, sizeof head);
  if (length > 0) memcpy(whole + sizeof head, data, length);
  pthread_mutex_lock(&lock);
  for (size_t done = 0, all = sizeof head + length; done < all;) {
    long wrote = syscall(SYS_write, log_fd, whole + done, all - done);
    if (wrote < 0) abort();
    done += (size_t)wrote;
  }
  pthread_mutex_unlock(&lock);
  free(whole);
}

static int fails(const char *op, long *seen) {
  if (fail_op == NULL || strcmp(fail_op, op) != 0) return 0;
  long at = __sync_add_and_fetch(seen, 1);
  if (at < fail_at || at >= fail_at + fail_count) return 0;
  errno = (int)fail_errno;
  return 1;
}

static const char *name_in(const char *path) { return path[dir_length] == 0 ? "" : path + dir_length + 1; }

static void opened(int fd, const char *path) {
  if (fd < 0 || fd >= MOST_FDS) return;
  file_of[fd] = 0;
  if (!is_ours(path)) return;
  struct stat about;
  if (fstat(fd, &about) != 0) return;
  is_dir[fd] = S_ISDIR(about.st_mode) ? 1 : 0;
  file_of[fd] = about.st_ino;
  if (!is_dir[fd]) note(OP_OPEN, about.st_ino, (uint64_t)about.st_size, name_in(path), strlen(name_in(path)));
}

static int is_file(int fd) { return fd >= 0 && fd < MOST_FDS && file_of[fd] != 0 && !is_dir[fd]; }

static int open_at(int at, const char *path, int flags, mode_t mode) {
  int fd = (int)syscall(SYS_openat, at, path, flags, mode);
  if (fd >= 0 && (flags & O_TRUNC) != 0 && is_ours(path)) {
    opened(fd, path);
    note(OP_TRUNCATE, file_of[fd], 0, NULL, 0);
    return fd;
  }
  opened(fd, path);
  return fd;
}

#define WITH_MODE(flags)                          \
  mode_t mode = 0;                                \
  if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {   \
    va_list rest;                                 \
    va_start(rest, flags);                        \
    mode = va_arg(rest, mode_t);                  \
    va_end(rest);                                 \
  }

int open(const char *path, int flags, ...) {
  WITH_MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  WITH_MODE(flags)
  return open_at(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int at, const char *path, int flags, ...) {
  WITH_MODE(flags)
  return open_at(at, path, flags, mode);
}

static ssize_t written(int fd, const void *data, uint64_t at, ssize_t wrote) {
  if (wrote > 0) note(OP_WRITE, file_of[fd], at, data, (uint64_t)wrote);
  return wrote;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
  if (is_file(fd) && fails("write", &writes_seen)) return -1;
  ssize_t wrote = syscall(SYS_pwrite64, fd, data, length, at);
  return is_file(fd) ? written(fd, data, (uint64_t)at, wrote) : wrote;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }

ssize_t write(int fd, const void *data, size_t length) {
  if (!is_file(fd)) return syscall(SYS_write, fd, data, length);
  if (fails("write", &writes_seen)) return -1;
  ssize_t wrote = syscall(SYS_write, fd, data, length);
  if (wrote < 0) return wrote;
  /* Also right for O_APPEND: the position is behind what was written. */
  off_t behind = lseek(fd, 0, SEEK_CUR);
  return written(fd, data, (uint64_t)(behind - wrote), wrote);
}

int ftruncate64(int fd, off64_t length) {
  int result = (int)syscall(SYS_ftruncate, fd, length);
  if (result == 0 && is_file(fd)) note(OP_TRUNCATE, file_of[fd], (uint64_t)length, NULL, 0);
  return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* The files that we test on may lie in memory: what matters is that it was asked for. */
static int synced(int fd) {
  if (fd < 0 || fd >= MOST_FDS || file_of[fd] == 0) return 0;
  if (!is_dir[fd] && fails("sync", &syncs_seen)) return -1;
  note(is_dir[fd] ? OP_SYNC_DIR : OP_SYNC, file_of[fd], 0, NULL, 0);
  return 0;
}
int fsync(int fd) {
  int result = synced(fd);
  return result != 0 ? result : (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
  int result = synced(fd);
  return result != 0 ? result : (int)syscall(SYS_fdatasync, fd);
}

int unlink(const char *path) {
  int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0 && is_ours(path)) note(OP_UNLINK, 0, 0, name_in(path), strlen(name_in(path)));
  return result;
}

int rename(const char *from, const char *to) {
  int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (result == 0 && is_ours(from) && is_ours(to)) {
    char names[8192];
    int length = snprintf(names, sizeof names, "%s%c%s", name_in(from), 0, name_in(to));
    note(OP_RENAME, 0, 0, names, (uint64_t)length);
  }
  return result;
}

int close(int fd) {
  if (fd >= 0 && fd < MOST_FDS) file_of[fd] = 0;
  return (int)syscall(SYS_close, fd);
}
