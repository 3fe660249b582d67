/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parsing of text that a user typed. Nothing here prints, allocates or touches
 * the device, so that a fuzzer can link it alone.
 */
#ifndef WPADM_PARSE_H
#define WPADM_PARSE_H

#include <stddef.h>

#include <linux/workpool.h>

#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

/**
 * struct pool_ref - reference to a pool
 * @id: id of the pool, or 0
 * @name: name of the pool if @id is 0
 */
struct pool_ref {
	__u32 id;
	char name[WORKPOOL_IOC_NAME_MAX];
};

int parse_count(const char *text, __u64 min, __u64 max, __u64 *count);
int parse_duration(const char *text, __u64 unit, __u64 *ns);
int parse_cpus(const char *text, __u64 *cpus, size_t nr);
int parse_pool_ref(const char *text, struct pool_ref *ref);

#endif /* WPADM_PARSE_H */
