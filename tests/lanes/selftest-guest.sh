#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The black-box tests, inside of the machine. The kernel's command line says what to run,
# wp_tests=NAME[,NAME]... (tests or groups, default: all). At the end the modules must go
# and leave no thread behind, and must come back.
# The functions are called by check:
# shellcheck disable=SC2317
tests=${wp_tests:-all}
debugfs=/sys/kernel/debug/wp_selftest
number=0 bad=0

# check WHAT COMMAND...
check()
{
	what=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number $what"
	else
		echo "not ok $number $what"
		bad=1
	fi
}

load()
{
	# a low ceiling for unlimited pools, so that a test can reach it
	insmod /modules/workpool.ko max_workers=200 && insmod /modules/wp_selftest.ko
}

run()
{
	echo "$1" > "$debugfs/run" || return 1
	cat "$debugfs/results"
	! grep -q '^not ok' "$debugfs/results"
}

# threads of the module; those in its cache have such a name too
threads()
{
	grep -lE '^(wp/|workpool|st-)' /proc/[0-9]*/comm 2>/dev/null | wc -l
}

none_left()
{
	tries=0
	until [ "$(threads)" = 0 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || { grep -hE '^(wp/|workpool|st-)' /proc/[0-9]*/comm; return 1; }
		sleep 0.1
	done
}

unload()
{
	rmmod wp_selftest && rmmod workpool
}

load || exit 1
for name in $(echo "$tests" | tr , ' '); do
	run "$name" || bad=1
done
echo "KTAP version 1"
echo "1..5"
check "the modules unload" unload
check "no thread is left" none_left
check "no file is left" test ! -e /sys/kernel/debug/workpool -a ! -e /dev/workpool
check "the modules load again" load
check "and unload again" unload
exit "$bad"
