/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings and counters in struct workpool_ioc_stat: columns of list and show, and
 * metrics of prometheus.
 */
#ifndef WPADM_NUMBERS_H
#define WPADM_NUMBERS_H

/*
 * X(column, field, format, metric, flags, help, note): the key in JSON is the
 * field, flags are members of struct column, and only a column has the note.
 */
#define SETTINGS(X)							\
	X("CAPACITY", capacity, format_capacity, "capacity",		\
	  .preset = 1, "maximum number of workers", "; -1: unlimited") \
	X("EXPIRY", expiry_ms, format_ms, "expiry_seconds",		\
	  .single = true, "idle time before a worker leaves", "")	\
	X("MAX-BLOCKING", max_blocking, format_limit, "waiters_max",	\
	  .single = true, "submitters that may wait", "; raw 0: unlimited") \
	X("MIN-WORKERS", min_workers, format_u32, "workers_min",	\
	  .single = false, "workers that are never purged", "")		\
	X("QUEUE-DEPTH", queue_depth, format_u32, "queue_depth",	\
	  .single = false, "calls accepted without a free worker", "")

/*
 * X(column, field, metric, preset, help): the key in JSON is the field. preset
 * is that of struct column.
 */
#define COUNTERS(X)							\
	X("SUBMITTED", submitted, "tasks_submitted", 0,		\
	  "tasks accepted")						\
	X("COMPLETED", completed, "tasks_completed", 3,		\
	  "tasks that returned")					\
	X("CRASHES", crashes, "tasks_crashed", 2,			\
	  "workers that died in a task or a callback")				\
	X("REJECTED", rejected, "tasks_rejected", 0,		\
	  "submits refused because of overload")			\
	X("TIMEDOUT", timedout, "submits_timedout", 0,		\
	  "submits that timed out")					\
	X("INTERRUPTED", interrupted, "submits_interrupted", 0,	\
	  "submits whose submitter was killed")				\
	X("DEADLOCKS", deadlocks, "submits_deadlocked", 0,		\
	  "submits and waits that ended because every worker waited")			\
	X("BLOCKED", blocked, "submits_blocked", 0,			\
	  "submits that had to wait")					\
	X("SPAWNED", spawned, "workers_created", 0,			\
	  "threads created")						\
	X("ADOPTED", adopted, "workers_adopted", 0,			\
	  "threads taken from the module's cache")			\
	X("RETIRED", retired, "workers_retired", 0,			\
	  "workers that left")						\
	X("PURGED", purged, "workers_purged", 0,			\
	  "retired workers that had expired")				\
	X("SPAWN-FAILURES", spawn_failures, "worker_spawn_failures", 0, \
	  "threads that could not be created")				\
	X("INIT-FAILURES", init_failures, "worker_init_failures", 0, \
	  "workers whose worker_init failed")				\
	X("DROPPED", dropped, "tasks_dropped", 0,			\
	  "accepted tasks that will not run")				\
	X("CANCELLED", cancelled, "tasks_cancelled", 0,		\
	  "tasks cancelled before they ran")				\
	X("FALLBACKS", fallbacks, "submits_fallback", 0,		\
	  "submits to a multi that another pool refused")		\
	X("STOLEN", stolen, "tasks_stolen", 0,			\
	  "tasks taken over from another pool of its multi")		\
	X("SPURIOUS-WAKEUPS", spurious_wakeups, "wakeups_spurious", 0, \
	  "wake-ups that found nothing to do")				\
	X("LEAKS", leaks, "tasks_leaked", 0,			\
	  "tasks that left something held or changed")

#endif /* WPADM_NUMBERS_H */
