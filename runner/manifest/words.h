/* The words that manifests use for enums, in the enums' order, each list ended by a NULL. */
#ifndef UTR_MANIFEST_WORDS_H
#define UTR_MANIFEST_WORDS_H

extern const char *const manifest_priority_words[];
extern const char *const manifest_real_services_words[];
extern const char *const manifest_level_words[];
extern const char *const manifest_scope_words[];
extern const char *const manifest_isolation_words[];
extern const char *const manifest_format_words[];
extern const char *const manifest_profile_words[];

#endif
