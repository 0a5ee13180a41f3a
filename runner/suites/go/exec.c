/*
 * What `go test` runs instead of each package's test binary (-exec): utr_go_exec BINARY ARGUMENT...
 *
 * It makes the pipe that the binary is going to print to, hands its reading end to the runner with "hello",
 * sets the environment of the answer, and becomes the binary. The pipe holds one packet: who prints waits
 * until the runner has taken in what was printed before, so nothing of the next test happens before the end
 * of this one is known. What is printed reaches the log through the runner; `go` itself only sees how the
 * binary ended.
 * As many packages run at once as the suite has workers. One alone is the worker "main": at its addresses the
 * suite's own names lead to the services.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST_ANSWER = 1 << 20, PAGE = 4096, MOST_WORKERS = 64, MOST_DYING_MS = 1000 };

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("unified_test_runner: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputs("\n", stderr);
    va_end(args);
    return 1;
}

/* --- which package it is --- */

/** The package whose tests are in the working directory. */
typedef struct {
    char path[PATH_MAX];   /* of import */
    char folder[PATH_MAX]; /* from its module's root, "." for that itself */
} package;

/* The word after "module" in a go.mod. */
static bool module_read(const char *folder, char *out, size_t size)
{
    char path[PATH_MAX];
    char line[PATH_MAX];
    bool found = false;
    (void)snprintf(path, sizeof path, "%s/go.mod", folder);
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        size_t start = strspn(line, " \t");
        if (strncmp(line + start, "module", 6) != 0)
            continue;
        start += 6 + strspn(line + start + 6, " \t\"");
        line[start + strcspn(line + start, " \t\r\n\"")] = '\0';
        (void)snprintf(out, size, "%s", line + start);
        found = *out != '\0';
    }
    if (file)
        (void)fclose(file);
    return found;
}

/* By the go.mod above it; else what follows the last /src/, as in a GOPATH. */
static void package_find(package *out)
{
    char here[PATH_MAX];
    char root[PATH_MAX];
    char module[PATH_MAX];
    if (!getcwd(here, sizeof here))
        (void)snprintf(here, sizeof here, "package");
    (void)snprintf(root, sizeof root, "%s", here);
    for (char *end = root + strlen(root); end; end = strrchr(root, '/')) {
        *end = '\0';
        const char *rest = here + strlen(root);
        rest += *rest == '/';
        if (!module_read(root, module, sizeof module))
            continue;
        (void)snprintf(out->path, sizeof out->path, "%s%s%s", module, *rest ? "/" : "", rest);
        (void)snprintf(out->folder, sizeof out->folder, "%s", *rest ? rest : ".");
        return;
    }
    const char *source = strstr(here, "/src/");
    (void)snprintf(out->path, sizeof out->path, "%s", source ? source + 5 : here);
    (void)snprintf(out->folder, sizeof out->folder, "%s", source ? source + 5 : ".");
}

/* --- its turn --- */

/* How many packages may run at once. */
static int workers_read(void)
{
    const char *text = getenv("UTR_WORKERS"); // NOLINT(concurrency-mt-unsafe): one thread
    long workers = text ? strtol(text, NULL, 10) : 1;
    return workers > 1 && workers <= MOST_WORKERS ? (int)workers : 1;
}

/* The lock of a place. @return the place, below 0 where none can be had */
static int place_lock(int fd, int workers)
{
    for (int i = 0; i < workers; i++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = i, .l_len = 1};
        if (fcntl(fd, F_SETLK, &lock) == 0)
            return i;
    }
    int place = getpid() % workers;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};
    int taken;
    do {
        taken = fcntl(fd, F_SETLKW, &lock);
    } while (taken < 0 && errno == EINTR);
    return taken ? -1 : place;
}

/* A process gives its locks back a moment before what it printed has its end. */
static void gone_await(pid_t pid)
{
    struct pollfd watch = {.fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1, .events = POLLIN};
    if (watch.fd < 0)
        return;
    (void)poll(&watch, 1, MOST_DYING_MS);
    (void)close(watch.fd);
}

/* Waits until it may run, and keeps its turn until the binary's process ends: record locks stay over an exec,
 * and no child of a test can hold on to them. `go` itself goes on building meanwhile. */
static bool turn_take(const char *events, int workers)
{
    char path[PATH_MAX];
    pid_t before = 0;
    pid_t own = getpid();
    (void)snprintf(path, sizeof path, "%.*s/turn", (int)(strrchr(events, '/') - events), events);
    int fd = open(path, O_RDWR | O_CREAT, 0600); // NOLINT(android-cloexec-open): the lock goes with it
    int place = fd < 0 ? -1 : place_lock(fd, workers);
    if (place < 0)
        return false;
    off_t at = (off_t)((size_t)place * sizeof own);
    if (pread(fd, &before, sizeof before, at) == sizeof before)
        gone_await(before);
    return pwrite(fd, &own, sizeof own, at) == sizeof own;
}

/* --- the runner --- */

static int runner_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* One line, and the descriptor with it. */
static bool runner_say(int fd, const char *line, int descriptor)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec bytes = {(char *)line, strlen(line)};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)strlen(line);
}

/* One line of answer, NULL where none comes. */
static json_t *runner_hear(int fd)
{
    size_t len = 0;
    char *line = calloc(1, MOST_ANSWER + 1);
    while (line && len < MOST_ANSWER && !memchr(line, '\n', len)) {
        ssize_t got = read(fd, line + len, MOST_ANSWER - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    json_t *answer = line ? json_loads(line, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    free(line);
    return answer;
}

/* @return 0, or the exit code after saying why */
static int greet(const char *events, const package *of, const char *worker, int reading)
{
    json_t *hello = json_pack("{ssssss}", "event", "hello", "adapter", "go", "worker", worker);
    char *line = json_dumps(hello, JSON_COMPACT);
    char *whole = NULL;
    int fd = runner_connect(events);
    if (fd < 0 || !line || asprintf(&whole, "%s\n", line) < 0 || !runner_say(fd, whole, reading))
        return fail("%s: %s", events, strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
    json_t *answer = runner_hear(fd);
    const char *refused = json_string_value(json_object_get(answer, "error"));
    if (!answer || refused)
        return fail("package %s: %s", of->path, refused ? refused : "the runner does not answer");
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(json_object_get(answer, "env"), name, value)
    {
        if (json_is_string(value) && setenv(name, json_string_value(value), 1))
            return fail("%s: %s", name, strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
    }
    json_decref(answer);
    json_decref(hello);
    free(line);
    free(whole);
    return 0;
}

/* --- the binary --- */

/* The version of Go that built it, as the build information begins: "go1.19.8" gives 19; 0: not known. */
static int go_minor(const char *path)
{
    static const char MAGIC[] = "\xff Go buildinf:";
    int minor = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) || about.st_size < PAGE)
        return 0;
    size_t size = (size_t)about.st_size;
    char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    if (bytes == MAP_FAILED)
        return 0;
    const char *at = bytes;
    while (!minor && (at = memmem(at, size - (size_t)(at - bytes), MAGIC, sizeof MAGIC - 1))) {
        const char *version = at + 33; /* magic, pointer size, flags, padding, and the string's length */
        if (version + 16 < bytes + size && strncmp(version, "go1.", 4) == 0)
            minor = (int)strtol(version + 4, NULL, 10);
        at++;
    }
    (void)munmap(bytes, size);
    return minor;
}

/* Its arguments: told test by test, one at a time. From 1.20 on a test's end is told at once in the way made
 * for test2json; before, the runner has `testing` built so that it is. */
static char **arguments_make(int argc, char **argv)
{
    char **out = calloc((size_t)argc + 3, sizeof *out);
    int count = 0;
    if (!out)
        return NULL;
    out[count++] = argv[1];
    out[count++] = go_minor(argv[1]) >= 20 ? "-test.v=test2json" : "-test.v=true";
    out[count++] = "-test.parallel=1";
    for (int i = 2; i < argc; i++) {
        bool ours = strncmp(argv[i], "-test.v=", 8) == 0 || strcmp(argv[i], "-test.v") == 0 ||
                    strncmp(argv[i], "-test.parallel=", 15) == 0;
        if (!ours)
            out[count++] = argv[i];
    }
    return out;
}

static int run(const char *events, int argc, char **argv)
{
    static package here;
    static char **arguments;
    int ends[2];
    int workers = workers_read();
    package_find(&here);
    if (!strrchr(events, '/') || !turn_take(events, workers))
        return fail("%s: %s", events, strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
    if (pipe2(ends, O_CLOEXEC | O_DIRECT) || fcntl(ends[1], F_SETPIPE_SZ, PAGE) < 0 ||
        fcntl(ends[0], F_SETFL, O_NONBLOCK))
        return fail("pipe: %s", strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
    int code = greet(events, &here, workers == 1 ? "main" : here.path, ends[0]);
    if (code)
        return code;
    (void)dprintf(ends[1], "=== PACKAGE %s %s\n", here.path, here.folder);
    arguments = arguments_make(argc, argv);
    if (!arguments || dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0 ||
        unsetenv("UTR_EVENTS"))
        return fail("%s", strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
    (void)execv(arguments[0], arguments);
    return fail("%s: %s", arguments[0], strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
}

int main(int argc, char **argv)
{
    const char *events = getenv("UTR_EVENTS"); // NOLINT(concurrency-mt-unsafe): one thread
    if (argc < 2)
        return fail("usage: utr_go_exec BINARY ARGUMENT...");
    if (events)
        return run(events, argc, argv);
    (void)execv(argv[1], argv + 1);
    return fail("%s: %s", argv[1], strerror(errno)); // NOLINT(concurrency-mt-unsafe): one thread
}
