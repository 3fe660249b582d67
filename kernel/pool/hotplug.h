/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU hotplug: workers go back to their pool's CPUs.
 */
#ifndef _WP_POOL_HOTPLUG_H
#define _WP_POOL_HOTPLUG_H

struct work_struct;

extern struct work_struct wp_hotplug_work;

int wp_hotplug_online(unsigned int cpu);
int wp_hotplug_init(void);
void wp_hotplug_exit(void);

#endif /* _WP_POOL_HOTPLUG_H */
