#include "base/files.h"
#include "base/text.h"
#include "compose/dotenv.h"
#include "compose/parts.h"

#include <string.h>

static void set_command(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_service *service = field;
    if (pair->value->kind == UTR_YAML_NULL)
        return; /* the image's own */
    service->has_command = true;
    compose_set_words(r, pair, &service->command);
}

static void set_entrypoint(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_service *service = field;
    if (pair->value->kind == UTR_YAML_NULL)
        return;
    service->has_entrypoint = true;
    compose_set_words(r, pair, &service->entrypoint);
}

static void set_restart(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    static const char *const KNOWN[] = {"no", "always", "on-failure", "unless-stopped"};
    int64_t times;
    const char *text = compose_scalar(r, pair, pair->value, "a string");
    if (!text)
        return;
    bool known = utr_text_starts(text, "on-failure:") && utr_text_int(text + 11, 0, INT32_MAX, &times);
    for (size_t i = 0; i < COMPOSE_COUNT(KNOWN); i++)
        known = known || strcmp(text, KNOWN[i]) == 0;
    if (known)
        *(char **)field = utr_strdup(text);
    else
        utr_faults_add(
            r->faults, pair->value->place,
            "unknown restart policy '%.60s'; known: \"no\", always, on-failure, on-failure:N, unless-stopped",
            text);
}

/* Grammar of the schema: [a-zA-Z0-9][a-zA-Z0-9_.-]+ */
static void set_container_name(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    const char *text = compose_string(r, pair, pair->value);
    utr_yaml_pair named = {.key = text, .place = pair->value->place, .value = pair->value};
    if (text && (strlen(text) < 2 || strchr("._-", *text)))
        utr_faults_add(r->faults, pair->value->place,
                       "'%.60s' cannot name a container; begin with a letter or digit", text);
    else if (text && compose_check_name(r, &named, "container"))
        *(char **)field = utr_strdup(text);
}

static void set_scale(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    (void)field;
    const char *text = compose_scalar(r, pair, pair->value, "a number");
    if (text && strcmp(text, "1") != 0)
        utr_faults_add(r->faults, pair->value->place,
                       "a scale of %.20s is not supported yet; one container is run a service", text);
}

typedef struct {
    char *path;
    char *format;
    bool required;
} env_file;

static const compose_key ENV_FILE_KEYS[] = {
    {"path", compose_set_string, offsetof(env_file, path), NULL, NULL, false},
    {"required", compose_set_bool, offsetof(env_file, required), NULL, NULL, false},
    {"format", NULL, 0, "env files have one format", NULL, false},
};

static void load_env_file(compose_reader *r, const utr_yaml *node, const env_file *file, utr_strs *out)
{
    auto_free char *path = compose_path(r, file->path);
    utr_error err = {0};
    compose_interpolation how = {.vars = r->vars, .faults = r->faults, .warnings = r->warnings};
    if (!file->required && !utr_path_exists(path))
        return;
    if (compose_dotenv_load(&how, path, out, &err))
        utr_faults_add(r->faults, node->place,
                       "env_file: %s; make the file, or write {path: %s, required: false}", err.text,
                       file->path);
}

static void set_env_file(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    const utr_yaml *list = pair->value;
    if (list->kind != UTR_YAML_SEQUENCE)
        compose_fail_kind(r, pair, list, "a path, or a list of them");
    for (size_t i = 0; list->kind == UTR_YAML_SEQUENCE && i < list->count; i++) {
        const utr_yaml *node = list->items[i];
        const utr_yaml_pair one = {.key = pair->key, .place = node->place, .value = node};
        env_file file = {.required = true};
        const char *text = node->kind == UTR_YAML_MAPPING ? NULL : compose_string(r, &one, node);
        if (text)
            file.path = utr_strdup(text);
        else if (node->kind == UTR_YAML_MAPPING)
            (void)compose_read_map(r, &one, ENV_FILE_KEYS, COMPOSE_COUNT(ENV_FILE_KEYS), &file);
        if (file.path)
            load_env_file(r, node, &file, field);
        else if (node->kind == UTR_YAML_MAPPING)
            utr_faults_add(r->faults, node->place, "an env_file without 'path'; say which file");
        free(file.path);
    }
}

#define FIELD(key, set, member)                                                                              \
    {                                                                                                        \
        key, set, offsetof(compose_service, member), NULL, NULL, false                                       \
    }
#define PART(key, set)                                                                                       \
    {                                                                                                        \
        key, set, 0, NULL, NULL, false                                                                       \
    }
#define NULLABLE(key, set)                                                                                   \
    {                                                                                                        \
        key, set, 0, NULL, NULL, true                                                                        \
    }

static const char NAMESPACES[] = "containers get namespaces of their own";
static const char DEVICES[] = "containers get no devices of the host";
static const char HOOKS[] = "make it a service of its own, which others depend on";
static const char RESOLVER[] = "use 'dns' and full names";
static const char WEIGHTS[] = "only limits are enforced";

static const compose_key KEYS[] = {
    PART("image", compose_set_image),
    PART("build", compose_set_build),
    PART("pull_policy", compose_set_pull_policy),
    NULLABLE("command", set_command),
    NULLABLE("entrypoint", set_entrypoint),
    FIELD("environment", compose_set_variables, environment),
    FIELD("env_file", NULL, environment), /* read first: see read_environment */
    PART("depends_on", compose_set_depends_on),
    PART("healthcheck", compose_set_health),
    PART("ports", compose_set_ports),
    PART("expose", compose_set_expose),
    PART("volumes", compose_set_volumes),
    PART("tmpfs", compose_set_tmpfs),
    PART("networks", compose_set_networks),
    PART("network_mode", compose_set_network_mode),
    FIELD("labels", compose_set_named, labels),
    NULLABLE("deploy", NULL), /* read last: see read_service */
    FIELD("mem_limit", compose_set_size, memory_bytes),
    FIELD("cpus", compose_set_cpus, cpus),
    FIELD("pids_limit", compose_set_pids, pids),
    PART("ulimits", compose_set_ulimits),
    FIELD("cap_add", compose_set_strings, cap_add),
    FIELD("cap_drop", compose_set_strings, cap_drop),
    FIELD("security_opt", compose_set_strings, security_opt),
    FIELD("extra_hosts", compose_set_strings, extra_hosts),
    FIELD("dns", compose_set_strings, dns),
    FIELD("sysctls", compose_set_named, sysctls),
    FIELD("group_add", compose_set_scalars, group_add),
    FIELD("profiles", compose_set_strings, profiles),
    FIELD("user", compose_set_string, user),
    FIELD("working_dir", compose_set_string, working_dir),
    FIELD("hostname", compose_set_string, hostname),
    FIELD("container_name", set_container_name, container_name),
    FIELD("stop_signal", compose_set_string, stop_signal),
    FIELD("stop_grace_period", compose_set_duration, stop_grace_ms),
    FIELD("restart", set_restart, restart),
    FIELD("platform", compose_set_string, platform),
    FIELD("shm_size", compose_set_size, shm_bytes),
    FIELD("init", compose_set_bool, init),
    FIELD("privileged", compose_set_bool, privileged),
    FIELD("read_only", compose_set_bool, read_only),
    FIELD("tty", compose_set_bool, tty),
    FIELD("stdin_open", compose_set_bool, stdin_open),
    PART("scale", set_scale),
    COMPOSE_WARNED("logging", "logs are always kept by the run"),
    COMPOSE_WARNED("attach", "logs are always kept by the run"),
    COMPOSE_WARNED("develop", "nothing is watched while tests run"),
    COMPOSE_WARNED("annotations", "nothing that runs reads them"),
    COMPOSE_WARNED("cpu_shares", WEIGHTS),
    COMPOSE_WARNED("cpuset", WEIGHTS),
    COMPOSE_WARNED("cpu_count", WEIGHTS),
    COMPOSE_WARNED("cpu_percent", WEIGHTS),
    COMPOSE_WARNED("cpu_rt_period", WEIGHTS),
    COMPOSE_WARNED("cpu_rt_runtime", WEIGHTS),
    COMPOSE_WARNED("mem_reservation", WEIGHTS),
    COMPOSE_WARNED("mem_swappiness", WEIGHTS),
    COMPOSE_WARNED("memswap_limit", WEIGHTS),
    COMPOSE_WARNED("blkio_config", WEIGHTS),
    COMPOSE_WARNED("oom_score_adj", WEIGHTS),
    COMPOSE_WARNED("cgroup_parent", WEIGHTS),
    COMPOSE_WARNED("pull_refresh_after", "pull_policy says what is pulled"),
    COMPOSE_REFUSED("cpu_quota", "use 'cpus'"),
    COMPOSE_REFUSED("cpu_period", "use 'cpus'"),
    COMPOSE_REFUSED("extends", "write the keys out, or use YAML anchors"),
    COMPOSE_REFUSED("secrets", "mount the files with 'volumes'"),
    COMPOSE_REFUSED("configs", "mount the files with 'volumes'"),
    COMPOSE_REFUSED("models", "run the model as a service"),
    COMPOSE_REFUSED("provider", "run it as a service with an image"),
    COMPOSE_REFUSED("gpus", DEVICES),
    COMPOSE_REFUSED("devices", DEVICES),
    COMPOSE_REFUSED("device_cgroup_rules", DEVICES),
    COMPOSE_REFUSED("volumes_from", "name the volumes"),
    COMPOSE_REFUSED(
        "links",
        "services reach each other by name; use 'depends_on' for the order, network aliases for other names"),
    COMPOSE_REFUSED("external_links", "use an external network"),
    COMPOSE_REFUSED("label_file", "write the labels out"),
    COMPOSE_REFUSED("domainname", "write the full name as 'hostname'"),
    COMPOSE_REFUSED("dns_opt", RESOLVER),
    COMPOSE_REFUSED("dns_search", RESOLVER),
    COMPOSE_REFUSED("mac_address", "the engine chooses it"),
    COMPOSE_REFUSED("ipc", NAMESPACES),
    COMPOSE_REFUSED("pid", NAMESPACES),
    COMPOSE_REFUSED("uts", NAMESPACES),
    COMPOSE_REFUSED("userns_mode", NAMESPACES),
    COMPOSE_REFUSED("cgroup", NAMESPACES),
    COMPOSE_REFUSED("isolation", NAMESPACES),
    COMPOSE_REFUSED("runtime", "the engine's default runtime is used"),
    COMPOSE_REFUSED("credential_spec", "it is for Windows"),
    COMPOSE_REFUSED("storage_opt", "the engine's storage is used as it is"),
    COMPOSE_REFUSED("use_api_socket", "mount the socket with 'volumes'"),
    COMPOSE_REFUSED("oom_kill_disable", "a service that outgrows its memory must die"),
    COMPOSE_REFUSED("pre_start", HOOKS),
    COMPOSE_REFUSED("post_start", HOOKS),
    COMPOSE_REFUSED("pre_stop", "containers are killed at the end, nothing runs in them before"),
};
#undef FIELD
#undef PART
#undef NULLABLE
#undef REFUSED
#undef WARNED

static const utr_yaml_pair *find_pair(const utr_yaml *map, const char *key)
{
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < map->count; i++) {
        if (strcmp(map->pairs[i].key, key) == 0 && map->pairs[i].value->kind != UTR_YAML_NULL)
            return &map->pairs[i];
    }
    return NULL;
}

static void check_service(compose_reader *r, const utr_yaml_pair *pair, compose_service *service)
{
    const utr_yaml *map = pair->value;
    if (!utr_yaml_get(map, "image") && !utr_yaml_get(map, "build") && !utr_yaml_get(map, "provider") &&
        !utr_yaml_get(map, "extends"))
        utr_faults_add(r->faults, pair->place, "service '%s' has neither 'image' nor 'build'; give one",
                       service->name);
    if (service->network_mode && service->networks.count)
        utr_faults_add(r->faults, pair->place,
                       "service '%s' has both 'network_mode' and 'networks'; keep one", service->name);
    if (!service->network_mode && !service->networks.count)
        utr_vec_push(&service->networks)->network = utr_strdup("default");
}

/* env_file comes before environment, which wins, and deploy after the limits that it may repeat. */
static void read_service(compose_reader *r, const utr_yaml_pair *pair, compose_service *service)
{
    service->name = utr_strdup(pair->key);
    service->place = pair->place;
    r->service = service->name;
    if (pair->value->kind == UTR_YAML_NULL) {
        compose_fail_kind(r, pair, pair->value, "a mapping");
        return;
    }
    const utr_yaml_pair *profiles = find_pair(pair->value, "profiles");
    auto_strs utr_strs named = {0};
    for (size_t i = 0; profiles && profiles->value->kind == UTR_YAML_SEQUENCE && i < profiles->value->count;
         i++) {
        if (profiles->value->items[i]->text)
            utr_strs_add(&named, profiles->value->items[i]->text);
    }
    const utr_yaml_pair *files = find_pair(pair->value, "env_file");
    if (files && compose_profile_on(&named, r->profiles))
        set_env_file(r, files, &service->environment);
    if (!compose_read_map(r, pair, KEYS, COMPOSE_COUNT(KEYS), service))
        return;
    const utr_yaml_pair *deploy = find_pair(pair->value, "deploy");
    if (deploy)
        compose_set_deploy(r, deploy, service);
    check_service(r, pair, service);
}

void compose_set_services(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_stack *stack = field;
    const utr_yaml *map = pair->value;
    if (map->kind != UTR_YAML_MAPPING || !map->count) {
        compose_fail_kind(r, pair, map, "a mapping of services");
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (compose_check_name(r, &map->pairs[i], "service"))
            read_service(r, &map->pairs[i], utr_vec_push(&stack->services));
    }
    r->service = NULL;
}
