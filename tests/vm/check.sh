# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# How the scripts of the tests check something and say so in KTAP. For POSIX sh: lib.sh sources
# it for the lanes that run on this machine, and in the test machines it is /check.sh.

# What the command of each check says is in the file $check_log-NUMBER.log.
check_log=/tmp/check
# a command that is told the name of each check before it begins
check_doing=:
check_nr=0 check_failed=0

# ktap_version: begins a document
ktap_version()
{
	echo "KTAP version 1"
	check_nr=0
}

# ktap_plan N: announces N results, before the first or after the last of them
ktap_plan()
{
	echo "1..$1"
}

# plan N: begins a document of N results
plan()
{
	ktap_version
	ktap_plan "$1"
}

# result STATUS NAME: one result, good if STATUS is 0
result()
{
	check_nr=$((check_nr + 1))
	if [ "$1" = 0 ]; then
		echo "ok $check_nr $2"
	else
		check_failed=$((check_failed + 1))
		echo "not ok $check_nr $2"
	fi
}

# check NAME COMMAND...: one result. What COMMAND says is shown only if it fails, on stderr.
check()
{
	check_name=$1
	shift
	check_status=0
	"$check_doing" "$check_name"
	"$@" > "$check_log-$((check_nr + 1)).log" 2>&1 || check_status=$?
	result "$check_status" "$check_name"
	[ "$check_status" = 0 ] || show_log "$check_log-$check_nr.log" >&2
}

# show_log FILE: how it begins and how it ends
show_log()
{
	if [ "$(wc -l < "$1")" -le 40 ]; then
		sed 's/^/# /' "$1"
	else
		sed 's/^/# /; 10q' "$1"
		echo "# ..."
		tail -n 30 "$1" | sed 's/^/# /'
	fi
}

# wait_until COMMAND...: tries for about 30 s until COMMAND succeeds
wait_until()
{
	wait_tries=0
	until "$@"; do
		wait_tries=$((wait_tries + 1))
		[ "$wait_tries" -lt 300 ] || return 1
		sleep 0.1
	done
}
