#include "services/owner.h"

#include "base/files.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Field 22 of /proc/PID/stat, 0 where the process is gone or only waits to be reaped. The name in field 2 may
 * hold spaces and brackets, so count from the last one. */
static int64_t pid_start_of(int64_t pid)
{
    auto_free char *path = utr_format("/proc/%lld/stat", (long long)pid);
    auto_buf utr_buf text = UTR_BUF_INIT(4096);
    utr_error err = {0};
    if (utr_file_read(path, &text, &err))
        return 0;
    const char *at = strrchr(utr_buf_text(&text), ')');
    if (!at || utr_text_starts(at, ") Z") || utr_text_starts(at, ") X"))
        return 0;
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoll(at + 1, NULL, 10) : 0;
}

services_owner services_owner_self(void)
{
    services_owner self = {.pid = getpid()};
    self.pid_start = pid_start_of(self.pid);
    auto_buf utr_buf boot = UTR_BUF_INIT(256);
    utr_error err = {0};
    if (!utr_file_read("/proc/sys/kernel/random/boot_id", &boot, &err))
        (void)snprintf(self.boot, sizeof self.boot, "%.*s", (int)strcspn(utr_buf_text(&boot), "\n"),
                       utr_buf_text(&boot));
    ssize_t len = readlink("/proc/self/ns/pid", self.pid_space, sizeof self.pid_space - 1);
    self.pid_space[len > 0 ? len : 0] = '\0';
    return self;
}

static void label_number(json_t *labels, const char *name, int64_t value)
{
    (void)json_object_set_new(labels, name, json_sprintf("%lld", (long long)value));
}

void services_owner_label(const services_owner *owner, const char *session, bool keep, json_t *labels)
{
    (void)json_object_set_new(labels, SERVICES_LABEL_SESSION, utr_json_text(session));
    label_number(labels, SERVICES_LABEL_PID, owner->pid);
    label_number(labels, SERVICES_LABEL_PID_START, owner->pid_start);
    (void)json_object_set_new(labels, SERVICES_LABEL_PID_SPACE, utr_json_text(owner->pid_space));
    (void)json_object_set_new(labels, SERVICES_LABEL_BOOT, utr_json_text(owner->boot));
    if (keep)
        (void)json_object_set_new(labels, SERVICES_LABEL_KEEP, utr_json_text("1"));
}

services_owner_state services_owner_look(const services_owner *self, const json_t *labels)
{
    int64_t pid = 0;
    int64_t pid_start = 0;
    bool is_complete =
        utr_text_int(utr_json_str(labels, SERVICES_LABEL_PID, ""), 1, INT32_MAX, &pid) &&
        utr_text_int(utr_json_str(labels, SERVICES_LABEL_PID_START, ""), 0, INT64_MAX, &pid_start);
    const char *boot = utr_json_str(labels, SERVICES_LABEL_BOOT, "");
    if (!is_complete || !*boot || json_object_get(labels, SERVICES_LABEL_KEEP))
        return SERVICES_OWNER_UNKNOWN;
    if (strcmp(boot, self->boot) != 0)
        return SERVICES_OWNER_REBOOTED;
    if (strcmp(utr_json_str(labels, SERVICES_LABEL_PID_SPACE, self->pid_space), self->pid_space) != 0)
        return SERVICES_OWNER_UNKNOWN;
    int64_t running = pid_start_of(pid);
    return running && running == pid_start ? SERVICES_OWNER_ALIVE : SERVICES_OWNER_DEAD;
}
