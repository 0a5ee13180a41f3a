#include "base/text.h"
#include "compose/parts.h"

#include <string.h>

static void mount_dispose(compose_mount *mount)
{
    free(mount->source);
    free(mount->target);
}

static bool is_mounted(const compose_service *service, const char *target)
{
    for (size_t i = 0; i < service->mounts.count; i++) {
        if (strcmp(service->mounts.items[i].target, target) == 0)
            return true;
    }
    return false;
}

/* "/data/" and "/data" are one place. */
static void trim_slashes(char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        path[--len] = '\0';
}

/* Check a mount and move it into the service. */
static void take_mount(compose_reader *r, utr_place place, compose_mount *mount, compose_service *service)
{
    trim_slashes(mount->target);
    if (*mount->target != '/') {
        utr_faults_add(r->faults, place, "'%.100s' is no place in a container; give an absolute path",
                       mount->target);
    } else if (is_mounted(service, mount->target)) {
        utr_faults_add(r->faults, place, "'%.100s' is mounted twice; keep one", mount->target);
    } else {
        if (mount->kind == COMPOSE_VOLUME && *mount->source)
            compose_refer(r, COMPOSE_TO_VOLUME, mount->source, place);
        *utr_vec_push(&service->mounts) = *mount;
        *mount = (compose_mount){0};
    }
    mount_dispose(mount);
}

/* Octal, as file modes are: 1777, 0755, 0o700. */
static bool parse_mode(const char *text, int *out)
{
    text += utr_text_starts(text, "0o") ? 2 : 0;
    char *rest = NULL;
    long mode = strtol(text, &rest, 8);
    if (rest == text || *rest || mode < 0 || mode > 07777 || !strchr("01234567", *text))
        return false;
    *out = (int)mode;
    return true;
}

/* One option of a short volume or tmpfs. @return false: not known or not acted on */
typedef bool mount_option(compose_mount *mount, const char *option);

static bool volume_option(compose_mount *mount, const char *option)
{
    /* The last three were for Docker Desktop and do nothing any more; z and Z label files for SELinux only.
     */
    static const char *const HARMLESS[] = {"rw", "z", "Z", "cached", "delegated", "consistent"};
    if (strcmp(option, "ro") == 0)
        return mount->read_only = true;
    for (size_t i = 0; i < COMPOSE_COUNT(HARMLESS); i++) {
        if (strcmp(option, HARMLESS[i]) == 0)
            return true;
    }
    return false;
}

static bool tmpfs_option(compose_mount *mount, const char *option)
{
    /* What the engine does with every tmpfs anyway. */
    static const char *const ALWAYS[] = {"rw", "noexec", "nosuid", "nodev", "relatime"};
    if (utr_text_starts(option, "size="))
        return compose_size(option + 5, &mount->size_bytes);
    if (utr_text_starts(option, "mode="))
        return parse_mode(option + 5, &mount->mode);
    if (strcmp(option, "ro") == 0)
        return mount->read_only = true;
    for (size_t i = 0; i < COMPOSE_COUNT(ALWAYS); i++) {
        if (strcmp(option, ALWAYS[i]) == 0)
            return true;
    }
    return false;
}

/* Apply comma-separated options; text is cut up. @return the first that is wrong, or NULL */
static const char *apply_options(char *text, mount_option *apply, compose_mount *mount)
{
    char *rest = text;
    for (char *option = strsep(&rest, ","); option; option = strsep(&rest, ",")) {
        if (!apply(mount, option))
            return option;
    }
    return NULL;
}

/* TARGET, or SOURCE:TARGET[:OPTIONS]. */
static void read_short(compose_reader *r, const utr_yaml *node, compose_service *service)
{
    auto_free char *text = utr_strdup(node->text);
    char *rest = text;
    const char *source = strsep(&rest, ":");
    const char *target = strsep(&rest, ":");
    char *options = strsep(&rest, ":");
    if (!*source || (target && !*target) || (options && !*options) || rest) {
        utr_faults_add(r->faults, node->place,
                       "'%.100s' is no volume; write SOURCE:TARGET, SOURCE:TARGET:ro or TARGET", node->text);
        return;
    }
    compose_mount mount = {.kind = COMPOSE_VOLUME};
    const char *wrong = options ? apply_options(options, volume_option, &mount) : NULL;
    if (wrong) {
        utr_faults_add(r->faults, node->place, "volume option '%.40s' is not supported; known: ro, rw",
                       wrong);
        return;
    }
    if (target && strchr("./~", *source)) {
        mount.kind = COMPOSE_BIND;
        mount.create_host_path = true;
    }
    mount.source = mount.kind == COMPOSE_BIND ? compose_path(r, source) : utr_strdup(target ? source : "");
    mount.target = utr_strdup(target ? target : source);
    take_mount(r, node->place, &mount, service);
}

static void read_tmpfs(compose_reader *r, const utr_yaml *node, compose_service *service)
{
    auto_free char *text = utr_strdup(node->text);
    char *options = text;
    const char *target = strsep(&options, ":");
    compose_mount mount = {.kind = COMPOSE_TMPFS};
    const char *wrong = options ? apply_options(options, tmpfs_option, &mount) : NULL;
    if (wrong) {
        utr_faults_add(r->faults, node->place,
                       "tmpfs option '%.40s' is not supported; known: size=64m, mode=1777, ro, rw, noexec, "
                       "nosuid, nodev",
                       wrong);
        return;
    }
    mount.source = utr_strdup("");
    mount.target = utr_strdup(target);
    take_mount(r, node->place, &mount, service);
}

void compose_set_tmpfs(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    auto_strs utr_strs checked = {0};
    size_t before = r->faults->texts.count;
    compose_set_strings(r, pair, &checked);
    for (size_t i = 0; r->faults->texts.count == before && i < pair->value->count; i++)
        read_tmpfs(r, pair->value->items[i], service);
}

/* The long form. */
typedef struct {
    compose_mount mount;
    char *type;
} mount_draft;

static void set_create(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    mount_draft *draft = field;
    compose_set_bool(r, pair, &draft->mount.create_host_path);
}

static void set_mode(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char OCTAL[] = "an octal mode such as 1777";
    mount_draft *draft = field;
    const char *text = compose_scalar(r, pair, pair->value, OCTAL);
    if (text && !parse_mode(text, &draft->mount.mode))
        compose_fail_kind(r, pair, pair->value, OCTAL);
}

static const compose_key BIND_KEYS[] = {
    {"create_host_path", set_create, 0, NULL, NULL, false},
    {"selinux", NULL, 0, NULL, "files are not labelled for SELinux", false},
    {"propagation", NULL, 0, "mounts within a bind mount do not propagate", NULL, false},
    {"recursive", NULL, 0, "mount what lies deeper by itself", NULL, false},
};

static const compose_key VOLUME_KEYS[] = {
    {"nocopy", NULL, 0, "a new volume is filled from the image", NULL, false},
    {"subpath", NULL, 0, "mount the whole volume", NULL, false},
    {"labels", NULL, 0, NULL, "label the volume where it is declared", false},
};

static const compose_key TMPFS_KEYS[] = {
    {"size", compose_set_size, offsetof(mount_draft, mount.size_bytes), NULL, NULL, false},
    {"mode", set_mode, 0, NULL, NULL, false},
};

static void set_bind(compose_reader *r, const utr_yaml_pair *pair, void *draft)
{
    (void)compose_read_map(r, pair, BIND_KEYS, COMPOSE_COUNT(BIND_KEYS), draft);
}

static void set_volume(compose_reader *r, const utr_yaml_pair *pair, void *draft)
{
    (void)compose_read_map(r, pair, VOLUME_KEYS, COMPOSE_COUNT(VOLUME_KEYS), draft);
}

static void set_tmpfs(compose_reader *r, const utr_yaml_pair *pair, void *draft)
{
    (void)compose_read_map(r, pair, TMPFS_KEYS, COMPOSE_COUNT(TMPFS_KEYS), draft);
}

static const compose_key MOUNT_KEYS[] = {
    {"type", compose_set_string, offsetof(mount_draft, type), NULL, NULL, false},
    {"source", compose_set_string, offsetof(mount_draft, mount.source), NULL, NULL, false},
    {"target", compose_set_string, offsetof(mount_draft, mount.target), NULL, NULL, false},
    {"read_only", compose_set_bool, offsetof(mount_draft, mount.read_only), NULL, NULL, false},
    {"bind", set_bind, 0, NULL, NULL, false},
    {"volume", set_volume, 0, NULL, NULL, false},
    {"tmpfs", set_tmpfs, 0, NULL, NULL, false},
    {"consistency", NULL, 0, NULL, NULL, false}, /* was for Docker Desktop, does nothing any more */
    {"image", NULL, 0, "mount a volume instead", NULL, false},
};

static bool parse_kind(const char *type, compose_mount_kind *out)
{
    static const char *const KINDS[] = {
        [COMPOSE_BIND] = "bind", [COMPOSE_VOLUME] = "volume", [COMPOSE_TMPFS] = "tmpfs"};
    for (size_t i = 0; i < COMPOSE_COUNT(KINDS); i++) {
        if (strcmp(type, KINDS[i]) == 0) {
            *out = (compose_mount_kind)i;
            return true;
        }
    }
    return false;
}

static void finish_long(compose_reader *r, const utr_yaml *node, mount_draft *draft, compose_service *service)
{
    compose_mount *mount = &draft->mount;
    const char *source = mount->source;
    if (!draft->type || !parse_kind(draft->type, &mount->kind)) {
        utr_faults_add(r->faults, node->place,
                       "volume type '%.20s' is not supported; known: bind, volume, tmpfs",
                       draft->type ? draft->type : "");
    } else if (!mount->target) {
        utr_faults_add(r->faults, node->place, "a volume without 'target'; say where to mount it");
    } else if (mount->kind == COMPOSE_BIND && !(source && *source)) {
        utr_faults_add(r->faults, node->place, "a bind mount without 'source'; say which path to mount");
    } else if (mount->kind == COMPOSE_TMPFS && source && *source) {
        utr_faults_add(r->faults, node->place, "a tmpfs has no 'source'; remove it");
    } else {
        mount->source =
            mount->kind == COMPOSE_BIND ? compose_path(r, source) : utr_strdup(source ? source : "");
        mount->create_host_path = mount->create_host_path && mount->kind == COMPOSE_BIND;
        free((char *)source);
        take_mount(r, node->place, mount, service);
        return;
    }
    mount_dispose(mount);
}

static void read_long(compose_reader *r, const utr_yaml_pair *one, compose_service *service)
{
    mount_draft draft = {.mount = {.create_host_path = true}};
    if (compose_read_map(r, one, MOUNT_KEYS, COMPOSE_COUNT(MOUNT_KEYS), &draft))
        finish_long(r, one->value, &draft, service);
    free(draft.type);
}

void compose_set_volumes(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    const utr_yaml *list = pair->value;
    if (list->kind != UTR_YAML_SEQUENCE)
        compose_fail_kind(r, pair, list, "a list of volumes");
    for (size_t i = 0; list->kind == UTR_YAML_SEQUENCE && i < list->count; i++) {
        const utr_yaml_pair one = {.key = pair->key, .place = list->items[i]->place, .value = list->items[i]};
        if (one.value->kind == UTR_YAML_SCALAR)
            read_short(r, one.value, service);
        else
            read_long(r, &one, service);
    }
}
