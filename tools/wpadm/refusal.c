// SPDX-License-Identifier: GPL-2.0
/*
 * Messages for refusals of the kernel. One line says what was requested, for
 * which pool, why it failed and what to do next.
 */
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "array.h"
#include "refusal.h"

static const char *const verb_names[] = {
	[VERB_SHOW]	= "show",
	[VERB_TUNE]	= "tune",
	[VERB_RELEASE]	= "release",
	[VERB_WAIT]	= "wait for",
	[VERB_REBOOT]	= "reboot",
	[VERB_PAUSE]	= "pause",
	[VERB_RESUME]	= "resume",
	[VERB_SAVE]	= "save",
	[VERB_MONITOR]	= "monitor",
	[VERB_MEASURE]	= "measure",
};

/* @next and @options form a command to try, "wpadm NEXT POOL OPTIONS". */
static const struct reason {
	enum verb verb;
	int error;
	const char *text;
	const char *next;
	const char *options;
} reasons[] = {
	{ VERB_TUNE, ESHUTDOWN, "it is closed", "reboot", "" },
	{ VERB_TUNE, EOPNOTSUPP,
	  "the size of an unlimited or preallocated pool is fixed; only its owner can choose it",
	  NULL, NULL },
	{ VERB_TUNE, EINVAL,
	  "a value is out of range, or min-workers exceeds the capacity",
	  "show", "" },
	{ VERB_WAIT, ETIMEDOUT,
	  "it stays closed, but workers still run after that time", "release",
	  " --timeout forever" },
	{ VERB_WAIT, EINTR, "it stays closed, but the wait was interrupted",
	  "release", " --timeout forever" },
	{ VERB_REBOOT, EALREADY, "only a released pool can be rebooted",
	  "release", "" },
	{ VERB_REBOOT, EBUSY, "workers from before the release still run",
	  "release", " --timeout 10s" },
	{ VERB_PAUSE, ESHUTDOWN, "it is closed", "reboot", "" },
	{ VERB_RESUME, ESHUTDOWN, "it is closed, which ended its pause",
	  "reboot", "" },
};

static const struct reason *find_reason(enum verb verb, int error)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i].verb == verb && reasons[i].error == error)
			return &reasons[i];
	}
	return NULL;
}

static const char *general_reason(int error)
{
	switch (error) {
	case ENOTTY:
		return "the module does not know this request; load a module as new as wpadm";
	case E2BIG:
	case EINVAL:
		return "the module does not understand this request; load a module as new as wpadm";
	case ENOMEM:
		return "the kernel has no memory left; try again later";
	default:
		return strerror(error);
	}
}

/*
 * May the caller change the pool? A change of nothing takes the same rights. A dry
 * run cannot tell.
 */
static bool may_tune(const struct device *dev, const struct pool_ref *ref)
{
	struct workpool_ioc_tune tune;

	memset(&tune, 0, sizeof(tune));
	return !dev->writable || device_tune(dev, ref, &tune) != -EPERM;
}

/*
 * The device is open for writing. So either the pool's owner does not allow
 * this, or the capability is missing, or both.
 */
static void report_eperm(const struct device *dev, enum verb verb,
			 const char *pool)
{
	bool release = verb == VERB_RELEASE || verb == VERB_WAIT ||
		       verb == VERB_PAUSE;
	struct workpool_ioc_stat stat;
	struct pool_ref ref;

	if (parse_pool_ref(pool, &ref) || device_stat(dev, &ref, &stat))
		stat.flags = 0;
	if (stat.flags & WORKPOOL_POOL_NOADMIN && verb != VERB_MEASURE)
		warnx("cannot %s pool '%s': it refuses administration; only its owner %s can",
		      verb_names[verb], pool, stat.owner);
	else if (release && stat.flags & WORKPOOL_POOL_NORELEASE &&
		 may_tune(dev, &ref))
		warnx("cannot %s pool '%s': its owner %s would lose requests; it can be tuned",
		      verb_names[verb == VERB_WAIT ? VERB_RELEASE : verb], pool,
		      stat.owner);
	else
		warnx("cannot %s pool '%s': CAP_SYS_ADMIN is missing; try as root",
		      verb_names[verb], pool);
}

/**
 * refusal_report() - report a refusal of the kernel
 * @dev: the device
 * @verb: the action that was requested
 * @pool: the pool, as the user named it
 * @err: the negative errno
 *
 * Return: the exit status.
 */
enum status refusal_report(const struct device *dev, enum verb verb,
			   const char *pool, int err)
{
	const struct reason *reason = find_reason(verb, -err);

	if (err == -ENOENT) {
		warnx("cannot %s pool '%s': there is no such pool; 'wpadm list' shows all",
		      verb_names[verb], pool);
		return STATUS_NO_POOL;
	}
	if (err == -EPERM)
		report_eperm(dev, verb, pool);
	else if (reason && reason->next)
		warnx("cannot %s pool '%s': %s; try 'wpadm %s %s%s'",
		      verb_names[verb], pool, reason->text, reason->next, pool,
		      reason->options);
	else
		warnx("cannot %s pool '%s': %s", verb_names[verb], pool,
		      reason ? reason->text : general_reason(-err));
	return STATUS_REFUSED;
}

/* Reports that no pool matches. */
enum status refusal_report_pattern(enum verb verb, const char *pattern)
{
	warnx("cannot %s '%s': no pool has such a name; 'wpadm list' shows all",
	      verb_names[verb], pattern);
	return STATUS_NO_POOL;
}

/* Reports a refusal of a command about all pools. */
enum status refusal_report_list(int err)
{
	warnx("cannot list the pools: %s", general_reason(-err));
	return STATUS_REFUSED;
}

/* Reports that no events can be read. */
enum status refusal_report_events(int err)
{
	warnx("cannot read events: %s", general_reason(-err));
	return STATUS_REFUSED;
}

/**
 * pool_ref_or_report() - call parse_pool_ref() and report errors
 * @text: the text that the user typed
 * @verb: the action that was requested
 * @ref: the result
 *
 * Return: STATUS_OK, or another status after a message.
 */
enum status pool_ref_or_report(const char *text, enum verb verb,
			       struct pool_ref *ref)
{
	int err = parse_pool_ref(text, ref);

	if (!err)
		return STATUS_OK;
	if (err == -ENOENT)
		return refusal_report(NULL, verb, text, err);
	warnx("'%s' does not name a pool; give a name or id:N, see 'wpadm list -o NAME,ID'",
	      text);
	return STATUS_LOCAL;
}
