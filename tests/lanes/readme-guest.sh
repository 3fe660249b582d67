#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The examples of README.md, inside of the machine.
nr=0
check()
{
	nr=$((nr + 1))
	what=$1
	shift
	if "$@"; then
		echo "ok $nr - $what"
	else
		echo "not ok $nr - $what"
	fi
}

# Each of the eight tasks greeted once.
all_greeted()
{
	[ "$(dmesg | grep -o 'hello from task [0-7] of pool hello$' | sort | uniq -c |
		grep -c '^ *1 ')" = 8 ]
}

# Each of the eight requests was served once.
all_served()
{
	[ "$(dmesg | grep -o 'request [0-7] is served$' | sort | uniq -c |
		grep -c '^ *1 ')" = 8 ]
}

# The delayed task requeues itself until it is cancelled.
ticks()
{
	tries=0
	until dmesg | grep -q 'tick 3$'; do
		tries=$((tries + 1))
		[ "$tries" -lt 300 ] || return
		sleep 0.1
	done
}

echo "TAP version 13"
echo "1..8"
check "workpool is loaded" insmod /modules/workpool.ko
check "the example is loaded" insmod /modules/hello.ko
check "the example is unloaded" rmmod hello
check "its eight tasks ran" all_greeted
check "the second example is loaded" insmod /modules/requests.ko
check "its delayed task comes again and again" ticks
check "it is unloaded" rmmod requests
check "its eight tasks ran" all_served
rmmod workpool
