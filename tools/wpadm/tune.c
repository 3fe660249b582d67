// SPDX-License-Identifier: GPL-2.0
/*
 * tune: change the settings of a running pool.
 */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "limits.h"
#include "refusal.h"
#include "text.h"
#include "usage.h"

static enum status parse_assignment(const char *text, struct values *new)
{
	size_t len = strcspn(text, "=");
	const struct setting *setting = setting_find(text, len);

	if (!text[len])
		return command_error("tune", "'%s' is not an assignment such as capacity=8",
				     text);
	if (!setting)
		return command_error("tune", "there is no setting '%.*s'",
				     (int)len, text);
	if (new->tune.mask & setting->mask)
		return command_error("tune", "%s is given twice", setting->text->name);
	if (setting_parse(setting, text + len + 1, new))
		return command_error("tune", "%s '%s' is not %s", setting->text->name,
				     text + len + 1, setting->expected);
	return STATUS_OK;
}

static enum status parse_assignments(int argc, char **argv, struct values *new)
{
	enum status status;
	int i;

	memset(new, 0, sizeof(*new));
	for (i = 0; i < argc; i++) {
		status = parse_assignment(argv[i], new);
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

static enum status tell(const struct changer *changer,
			const struct values *old, const struct values *new)
{
	const struct setting *setting;

	for (setting = settings; setting->text; setting++) {
		if (!(new->tune.mask & setting->mask))
			continue;
		if (!changer->table)
			change_print(changer, setting, old, new);
		else if (change_add(changer->table, setting, old, new))
			return STATUS_LOCAL;
	}
	return STATUS_OK;
}

static enum status tune_one(const struct changer *changer,
			    const struct target *target,
			    const struct values *new)
{
	struct values old;
	enum status status = change_make(changer, target, new, &old);

	return status == STATUS_OK ? tell(changer, &old, new) : status;
}

static enum status tune_targets(const struct changer *changer,
				const char *pool, const struct values *new)
{
	struct target_list list = { 0 };
	struct tally tally = { 0 };
	enum status status;
	size_t i;

	status = targets_add(&list, &changer->dev, VERB_TUNE, pool);
	for (i = 0; status == STATUS_OK && i < list.nr; i++)
		tally_add(&tally, tune_one(changer, &list.targets[i], new));
	free(list.targets);
	return status == STATUS_OK ? tally_status(&tally) : status;
}

static enum status tune_pool(const struct options *opts, const char *pool,
			     const struct values *new)
{
	struct changer changer;

	if (changer_start(&changer, "tune", opts))
		return STATUS_LOCAL;
	return changer_finish(&changer, tune_targets(&changer, pool, new));
}

static enum status tune_run(const struct options *opts, int argc, char **argv)
{
	struct values new;
	struct pool_ref ref;
	enum status status;

	if (opts->module)
		return limits_tune(opts, argc, argv);
	if (!argc)
		return command_error("tune", "no pool is given");
	if (argc == 1)
		return command_error("tune", "no setting such as capacity=8 is given");
	status = parse_assignments(argc - 1, argv + 1, &new);
	if (status == STATUS_OK && !is_pattern(argv[0]))
		status = pool_ref_or_report(argv[0], VERB_TUNE, &ref);
	return status == STATUS_OK ? tune_pool(opts, argv[0], &new) : status;
}

const struct command tune_command = {
	.name = "tune",
	.arguments = "POOL SETTING=VALUE...",
	.summary = "change a running pool",
	.description =
"Either all requested settings change or none. The old and new values are printed.\n"
"The name of a multi stands for all its pools, a pattern such as 'ext4-*' for all pools\n"
"with such a name, and each is tuned by itself.\n"
"\n"
"With --module there is no POOL, and the settings are max-workers=N, the workers that an\n"
"unlimited pool may have, 1 to " STRINGIFY(WORKPOOL_IOC_WORKERS_MAX)
", and cache-size=N, the threads kept warm for any\n"
"pool, 0 to 2147483647. They hold at once, until the module is unloaded.",
	.operands = OPERANDS_TUNE,
	.settings = setting_texts,
	.options = OPTION_JSON | OPTION_DRY_RUN | OPTION_MODULE,
	.run = tune_run,
};
