# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the test scripts; to be sourced after `set -euo pipefail`.
# Everything said goes to stderr: stdout belongs to the result of a script.

WP_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WP_VM=$WP_TOP/tests/vm
WP_BUILD=$WP_TOP/build
WP_LOG=$WP_BUILD/log
WP_CACHE=${WORKPOOL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/workpool}
WP_PROG=${0##*/}
WP_JOBS=${WP_JOBS:-$(nproc)}
export WP_TOP WP_VM WP_BUILD WP_LOG WP_CACHE WP_JOBS

mkdir -p "$WP_CACHE" "$WP_BUILD" "$WP_LOG" 2>/dev/null ||
	{ echo "$WP_PROG: cannot write to $WP_CACHE, set WORKPOOL_CACHE, or to $WP_BUILD" >&2; exit 1; }

# Progress goes to the standard error of the first script, even while the errors of a command
# go to a log.
if [ -z "${WP_SAY:-}" ] || ! { true >&9; } 2> /dev/null; then
	exec 9>&2
	export WP_SAY=9
fi

say()
{
	printf '%s: %s\n' "$WP_PROG" "$*" >&9
}

die()
{
	say "$*"
	exit 1
}

# lock NAME: taken until the script ends; children inherit it.
lock()
{
	local fd

	mkdir -p "$WP_CACHE/locks"
	exec {fd}> "$WP_CACHE/locks/$1"
	if ! flock -n "$fd"; then
		say "waiting for another run that holds the lock $1"
		flock "$fd"
	fi
}

# run LABEL [-n LINES] COMMAND...: output goes to build/log/LABEL.log. Says what
# it does, how far it is every twenty seconds (LINES: how long the log gets, about),
# and on failure the end of the log.
run()
{
	local label=$1 total='' log pid start=$SECONDS tick=0 rc=0
	shift
	if [ "$1" = -n ]; then
		total=" of about $2"
		shift 2
	fi
	log=$WP_LOG/$label.log
	"$@" > "$log" 2>&1 < /dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		tick=$((tick + 1))
		if [ $((tick % 100)) = 15 ]; then
			say "$label: $((SECONDS - start)) s, $(wc -l < "$log")$total lines"
		fi
	done
	wait "$pid" || rc=$?
	if [ "$rc" != 0 ]; then
		say "$label: failed ($rc), the end of $log:"
		tail -n "${WP_TAIL:-25}" "$log" >&2
		return "$rc"
	fi
	[ "$tick" -lt 25 ] || say "$label: done in $((SECONDS - start)) s"
}

# need PACKAGE...: installs what is missing when root, else says so in one line.
need()
{
	local pkg missing=()

	command -v dpkg-query > /dev/null ||
		die "not a Debian machine; needed are the equivalents of: $*"
	for pkg; do
		case " $(dpkg-query -W -f '${db:Status-Status} ' "$pkg" 2>/dev/null)" in
		*" installed "*) ;;
		*) missing+=("$pkg") ;;
		esac
	done
	[ "${#missing[@]}" = 0 ] && return
	[ "$(id -u)" = 0 ] || die "missing packages, install them with: apt-get install ${missing[*]}"
	say "installing ${missing[*]}"
	(
		exec 8> /run/lock/workpool-apt
		flock 8
		if ! install_packages "${missing[@]}" 2> /dev/null; then
			run apt-update apt-get update -qq
			install_packages "${missing[@]}"
		fi
	) || die "could not install: ${missing[*]}"
}

install_packages()
{
	WP_TAIL=5 run apt-install env DEBIAN_FRONTEND=noninteractive \
		apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends "$@"
}

# fresh FILE: exists and is younger than 30 days, and WORKPOOL_REFRESH is not set.
fresh()
{
	[ -z "${WORKPOOL_REFRESH:-}" ] && [ -n "$(find "$1" -mtime -30 2>/dev/null)" ]
}

# apt_private SUITE [ARCH]: prepares an apt state of our own, for which no right is
# needed and which changes nothing on the machine, and points APT_CONFIG at it.
# SUITE: "own" for the machine's sources, else a Debian suite on their mirror.
# ARCH: packages of that architecture too.
apt_private()
{
	local arch=${2:-amd64} keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	local dir mirror state=$1

	[ "$arch" = amd64 ] || state=$1-$arch
	dir=$WP_CACHE/apt/$state
	lock "apt-$state"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	{
		echo "APT::Sandbox::User \"$(id -un)\";"
		echo "APT::Architecture \"amd64\";"
		[ "$arch" = amd64 ] || echo "APT::Architectures { \"amd64\"; \"$arch\"; };"
		echo "Dir::State \"$dir\";"
		echo "Dir::State::Lists \"$dir/lists\";"
		echo "Dir::State::status \"/var/lib/dpkg/status\";"
		echo "Dir::Cache \"$dir\";"
		echo "Acquire::Languages \"none\";"
		echo "Acquire::Check-Valid-Until \"false\";"
		echo "Acquire::Retries \"3\";"
		echo "APT::Update::Post-Invoke-Success \"\";"
		if [ "$1" != own ]; then
			echo "Dir::Etc::SourceList \"$dir/sources\";"
			echo "Dir::Etc::SourceParts \"/dev/null\";"
		fi
	} > "$dir/apt.conf"
	if [ "$1" != own ]; then
		[ -r "$keyring" ] || keyring=
		mirror=$(debian_mirror) || return 1
		echo "deb ${keyring:+[signed-by=$keyring] }$mirror $1 main" > "$dir/sources"
	fi
	export APT_CONFIG=$dir/apt.conf
	if ! fresh "$dir/updated"; then
		run "apt-$state" apt-get update -qq || [ -e "$dir/updated" ] || return 1
		touch "$dir/updated"
	fi
}

# The mirror this machine takes its Debian packages from.
debian_mirror()
{
	local name
	name=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

	# shellcheck disable=SC2016 # not for this shell to expand
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
		awk -v name="$name" '$2 == name && $3 == "main" { print $1; exit }' |
		grep . || { say "apt knows no mirror for Debian $name"; return 1; }
}

# check NAME COMMAND...: one result of a lane that runs on this machine
. "$WP_VM/check.sh"
check_log=$WP_LOG/$WP_PROG

# finish: the last line of such a lane, and its exit code
finish()
{
	echo "$((check_nr - check_failed)) passed, $check_failed failed, 0 skipped"
	[ "$check_failed" = 0 ] && [ "$check_nr" != 0 ]
	exit
}
