/** The setters of a service's larger parts, one file each; the tables in service.c and resource.c use them.
 */
#ifndef UTR_COMPOSE_PARTS_H
#define UTR_COMPOSE_PARTS_H

#include "compose/reader.h"

/** Setters whose field is the whole compose_service. */
void compose_set_image(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_pull_policy(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_build(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_deploy(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_ulimits(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_health(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_ports(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_expose(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_volumes(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_tmpfs(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_depends_on(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_networks(compose_reader *r, const utr_yaml_pair *pair, void *service);
void compose_set_network_mode(compose_reader *r, const utr_yaml_pair *pair, void *service);

/** Setters whose field is the whole compose_stack. */
void compose_set_services(compose_reader *r, const utr_yaml_pair *pair, void *stack);
void compose_set_top_networks(compose_reader *r, const utr_yaml_pair *pair, void *stack);
void compose_set_top_volumes(compose_reader *r, const utr_yaml_pair *pair, void *stack);

/** Whether name may name a service, network or volume ([a-zA-Z0-9._-]+); a fault where not. */
bool compose_check_name(compose_reader *r, const utr_yaml_pair *pair, const char *what);

/** Record that the service being read names another thing. */
void compose_refer(compose_reader *r, compose_target target, const char *name, utr_place place);

/** Whether a service with these profiles is switched on. */
bool compose_profile_on(const utr_strs *profiles, const utr_strs *on);

#endif
