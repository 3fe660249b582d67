/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the fault injection test share.
 */
#ifndef WP_FAULTS_H
#define WP_FAULTS_H

#include <stdbool.h>
#include <sys/types.h>

/* fail.c: the nth allocation of a thread fails */
void fail_setup(void);
void fail_arm(pid_t pid, unsigned int nth);
unsigned int fail_disarm(pid_t pid);
pid_t find_thread(const char *comm);
void die(const char *what);

/* pool.c: what is done to pools. All return 0 or a negative errno. */
void pool_setup(void);
int control(const char *words);
int pool_settle(unsigned int completed);
int load_module(void);
int load_module_with_one_spawner(void);
int load_module_refused(void);
int unload_module(void);
int load_client(void);
int unload_client(void);
int read_all(const char *path);
int device_open(void);
int ioctl_info(void);
int ioctl_next(void);
int ioctl_stat(void);
int ioctl_grow(void);
int ioctl_release(void);
int ioctl_reboot(void);
int collect_events(void);

#endif /* WP_FAULTS_H */
