// SPDX-License-Identifier: GPL-2.0
/*
 * The commands, as the header promises them.
 */
#include "fuzz.h"

#define END_OF(type, last) \
	(offsetof(struct type, last) + sizeof(((struct type *)0)->last))
#define FORM_OF(word, type, admin, named, last) \
	{ #word, sizeof(struct type), END_OF(type, last), admin, named }
#define FORM(word, admin, named, last) \
	FORM_OF(word, workpool_ioc_##word, admin, named, last)

/* By number; "last" is the last field of the first version. */
static const struct form forms[] = {
	FORM(info, false, false, version),
	FORM(next, false, false, name),
	FORM(stat, false, true, leaks),
	FORM(tune, true, true, reserved),
	FORM(release, true, true, busy),
	FORM(reboot, true, true, generation),
	FORM_OF(multi_stat, workpool_ioc_stat, false, true, reserved2),
	FORM(pause, true, true, reserved),
	FORM(events, false, false, reserved),
	FORM(measure, true, true, was_on),
	FORM(latency, false, true, reserved2),
};

const unsigned int nr_forms = ARRAY_SIZE(forms);

/* NULL: there is no such command. */
const struct form *form_of(__u32 cmd)
{
	__u32 nr = cmd & 0xff;

	if (nr >= nr_forms || cmd != _IO(WORKPOOL_IOC_TYPE, nr))
		return NULL;
	return &forms[nr];
}
