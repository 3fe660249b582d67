#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What user space sees of the module, inside of the machine: the ioctls (wp_abi, and wp_abi32
# where there is one), debugfs, tracepoints, the device and the life of the module.
# The functions are called by check:
# shellcheck disable=SC2317
debugfs=/sys/kernel/debug/workpool
tracing=/sys/kernel/tracing
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

control()
{
	echo "$*" > /sys/kernel/debug/wp_selftest/control
}

# until COMMAND...: tries for 30 s
until_true()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || return 1
		sleep 0.1
	done
}

# has FILE REGEX: a whole line of a file of a pool
has()
{
	grep -qxE "$2" "$debugfs/$1"
}

# 8.2: each state of a worker has a name
debugfs_shows_workers()
{
	control create abi-w 2 nopurge &&
		control submit abi-w sleep 600000 &&
		until_true has abi-w/workers '[0-9]+ [0-9]+ busy [0-9]+ 0 sleep_task \[wp_selftest\]' &&
		control submit abi-w sleep 1 &&
		until_true has abi-w/workers '[0-9]+ [0-9]+ idle [0-9]+ 1 -' &&
		has abi-w/stats 'busy: 1' && has abi-w/stats 'idle: 1' && has abi-w/stats 'running: 2'
}

debugfs_shows_attributes()
{
	has abi-w/attrs 'owner: wp_selftest' && has abi-w/attrs 'capacity: 2' &&
		has abi-w/attrs 'expiry_ms: 1000' && has pools '[0-9]+ abi-w open 2 2 1 1 0 0 1 0' &&
		has version 'version: [0-9].*'
}

debugfs_forgets_destroyed_pools()
{
	control destroy abi-w && [ ! -e "$debugfs/abi-w" ] && ! grep -q abi-w "$debugfs/pools"
}

# trace_all 0|1: the kernel patches itself to do so, on one CPU: QEMU before 8.1, with a thread
# per CPU, may translate code that another CPU patches and miss the change ("Always lock pages
# before translation"), which ends in "Oops: int3".
trace_all()
{
	cpu=/sys/devices/system/cpu/cpu1/online
	[ ! -e "$cpu" ] || echo 0 > "$cpu" || return 1
	echo "$1" > "$tracing/events/workpool/enable"
	[ ! -e "$cpu" ] || echo 1 > "$cpu"
}

# what a worker of the pool did, in order
events()
{
	sed -nE "s/.*: workpool_([a-z]+): pool=$1 worker=.*/\1/p" "$tracing/trace" | tr '\n' ' '
}

# 8.1: the life of a task and of a worker, event by event
tracepoints_tell_the_story()
{
	echo > "$tracing/trace"
	trace_all 1
	control create abi-t 1 nopurge && control submit abi-t sleep 20 &&
		until_true has abi-t/stats 'idle: 1' && control submit abi-t sleep 20 &&
		until_true has abi-t/stats 'completed: 2' && control destroy abi-t
	trace_all 0
	story="spawn assign start done park assign start done park exit "
	seen=$(events abi-t)
	[ "$seen" = "$story" ] || { echo "# expected $story, seen $seen"; return 1; }
	[ "$(grep -c 'workpool_submit: pool=abi-t .*result=0' "$tracing/trace")" = 2 ]
}

waiting_is_traced()
{
	echo > "$tracing/trace"
	trace_all 1
	control create abi-t 1 && control submit abi-t sleep 600000 && control block abi-t 1 &&
		until_true has abi-t/stats 'waiting: 1' && control destroy abi-t
	trace_all 0
	grep -qE 'workpool_wait: pool=abi-t .*waiting=1' "$tracing/trace"
}

device_is_private()
{
	[ "$(stat -c '%a %u %g' /dev/workpool)" = '600 0 0' ]
}

# an open device keeps the module there
busy_while_open()
{
	exec 3< /dev/workpool
	! rmmod workpool 2> /dev/null
	busy=$?
	exec 3<&-
	return "$busy"
}

# so does a module that uses it
busy_while_used()
{
	! rmmod workpool 2> /dev/null
}

# wp_abi released a pool with a task that goes on
log_names_stragglers()
{
	dmesg | grep -qE 'pool abi-release: thread [0-9]+ executes task sleep_task \[wp_selftest\]'
}

client_goes_with_a_pool()
{
	control create abi-left 2 min=2 && control submit abi-left sleep 600000 && rmmod wp_selftest
}

insmod /modules/workpool.ko || exit 1
insmod /modules/wp_selftest.ko || exit 1
for program in /wp_abi /wp_abi32; do
	[ -x "$program" ] || continue
	echo "# $program"
	"$program" || bad=1
done
echo "KTAP version 1"
echo "1..12"
check "debugfs shows workers and their tasks" debugfs_shows_workers
check "debugfs shows attributes" debugfs_shows_attributes
check "debugfs forgets destroyed pools" debugfs_forgets_destroyed_pools
check "tracepoints tell the life of a task" tracepoints_tell_the_story
check "tracepoints tell of waiting" waiting_is_traced
check "the log names stragglers of a release" log_names_stragglers
check "the device is root's" device_is_private
check "the module stays while a client is loaded" busy_while_used
check "the client goes with a pool of its own left" client_goes_with_a_pool
check "the module stays while the device is open" busy_while_open
check "the module goes" rmmod workpool
check "the device is gone" test ! -e /dev/workpool
exit "$bad"
