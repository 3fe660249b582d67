/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages for refusals of the kernel.
 */
#ifndef WPADM_REFUSAL_H
#define WPADM_REFUSAL_H

#include "device.h"
#include "status.h"

/* The action that was requested for a pool. */
enum verb {
	VERB_SHOW,
	VERB_TUNE,
	VERB_RELEASE,
	VERB_WAIT,	/* for the workers of a released pool */
	VERB_REBOOT,
	VERB_PAUSE,
	VERB_RESUME,
	VERB_SAVE,
	VERB_MONITOR,
	VERB_MEASURE,
};

enum status refusal_report(const struct device *dev, enum verb verb,
			   const char *pool, int err);
enum status refusal_report_list(int err);
enum status refusal_report_events(int err);
enum status refusal_report_pattern(enum verb verb, const char *pattern);

enum status pool_ref_or_report(const char *text, enum verb verb,
			       struct pool_ref *ref);

#endif /* WPADM_REFUSAL_H */
