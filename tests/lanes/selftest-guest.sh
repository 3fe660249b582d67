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

# value_of POOL KEY: sets value. No process is made: there may be none to be had.
value_of()
{
	value=
	while read -r key number_of; do
		[ "$key" != "$2:" ] || value=$number_of
	done < "/sys/kernel/debug/workpool/$1/stats"
}

# reaches POOL KEY VALUE: for a while, without sleep, which may be a process
reaches()
{
	turns=0
	until value_of "$1" "$2" && [ "$value" -ge "$3" ]; do
		turns=$((turns + 1))
		[ "$turns" -lt 100000 ] || return 1
	done
}

# No thread can be made, and none is warm: the task waits for better times.
spawn_failure_strands_nothing()
{
	control=/sys/kernel/debug/wp_selftest/control
	limit=/proc/sys/kernel/threads-max
	before=$(cat "$limit")
	echo "create st-spawn 2" > "$control"
	echo 20 > "$limit"
	echo "submit st-spawn sleep 1" > "$control"
	reaches st-spawn spawn_failures 3
	failed=$?
	value_of st-spawn running
	running=$value
	echo "$before" > "$limit"
	[ "$failed" = 0 ] && [ "$running" = 1 ] && reaches st-spawn completed 1 || return 1
	echo "destroy st-spawn" > "$control"
}

# Only tasks are frozen, and for one second.
freeze_only()
{
	[ -w /sys/power/pm_test ] || return
	echo 1 > /sys/module/suspend/parameters/pm_test_delay 2> /dev/null
	echo freezer > /sys/power/pm_test
}

# A module that forgets its tasks: they are found when it goes.
forget()
{
	echo "create st-leaver 1" > "$debugfs/control" &&
		insmod /modules/wp_leaver.ko && rmmod wp_leaver &&
		echo "destroy st-leaver" > "$debugfs/control"
}

# named FUNCTION STATE POOL: in a warning about it
named()
{
	logged "module wp_leaver is unloaded, but its task $1 \[wp_leaver\] $2 in pool $3"
}

logged()
{
	dmesg | grep -qE "$1"
}

load || exit 1
echo "KTAP version 1"
echo "1..1"
check "a spawn failure strands no task" spawn_failure_strands_nothing
number=0
for name in $(echo "$tests" | tr , ' '); do
	[ "$name" != suspend ] || freeze_only || continue
	run "$name" || bad=1
done
echo "KTAP version 1"
case $tests in
all)
	echo "1..7"
	check "the log names crashed tasks" logged 'pool st[0-9]+: task st_crash_task \[wp_selftest\] gave up'
	check "the log names dropped tasks" logged 'pool st[0-9]+: task st_job_run \[wp_selftest\] dropped'
	;;
*leak*)
	echo "1..15"
	check "the log names tasks that leak" logged 'pool st[0-9]+: task leak_irqs_off \[wp_selftest\] leaked'
	check "a module may go that forgets its tasks" forget
	check "the log names one that ran" named leaver_running runs system
	check "the log names it again, as queued" named leaver_running "was pending" system
	check "the log names a call" named leaver_call runs st-leaver
	check "the log names one that was queued" named leaver_queued "was pending" st-leaver
	check "the log names one whose timer ran" named leaver_delayed "was pending" system
	check "the log names one whose timer fired" named leaver_soon runs system
	check "the log names one that was queued late" named leaver_chained '(runs|was pending)' system
	check "the log names a forgotten pool" logged 'module wp_leaver is unloaded, but not its pool leaver'
	;;
*)
	echo "1..5"
	;;
esac
check "the modules unload" unload
check "no thread is left" none_left
check "no file is left" test ! -e /sys/kernel/debug/workpool -a ! -e /dev/workpool
check "the modules load again" load
check "and unload again" unload
exit "$bad"
