#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The example of README.md, inside of the machine.
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

echo "TAP version 13"
echo "1..4"
check "workpool is loaded" insmod /modules/workpool.ko
check "the example is loaded" insmod /modules/hello.ko
check "the example is unloaded" rmmod hello
check "its eight tasks ran" all_greeted
rmmod workpool
