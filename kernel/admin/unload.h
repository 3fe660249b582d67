/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unload: modules that go while their tasks or pools are still there.
 */
#ifndef _WP_ADMIN_UNLOAD_H
#define _WP_ADMIN_UNLOAD_H

struct module;

void wp_unload_clear(struct module *mod);
int wp_unload_init(void);
void wp_unload_exit(void);

#endif /* _WP_ADMIN_UNLOAD_H */
