# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the test scripts; to be sourced after `set -euo pipefail`.
# Everything said goes to stderr: stdout belongs to the result of a script.

WP_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WP_VM=$WP_TOP/tests/vm
WP_BUILD=$WP_TOP/build
WP_LOG=$WP_BUILD/log
# bash knows where ~ is without HOME too, as in a systemd unit
home=~
WP_CACHE=${WORKPOOL_CACHE:-${XDG_CACHE_HOME:-$home/.cache}/workpool}
WP_PROG=${0##*/}
WP_JOBS=${WP_JOBS:-$(nproc)}
export WP_TOP WP_VM WP_BUILD WP_LOG WP_CACHE WP_JOBS

# writable DIR: makes it, and nothing that another user made is in the way
writable()
{
	mkdir -p "$1" 2> /dev/null &&
		[ -z "$(find "$1" -maxdepth 2 ! -type l ! -writable -print -quit 2>&1)" ]
}

# The first script begins to speak: even while the errors of a command go to a log, progress
# goes to its standard error. In $WP_SAID is when something was said last, and what.
begin()
{
	writable "$WP_CACHE" ||
		{ echo "$WP_PROG: cannot write to $WP_CACHE; set WORKPOOL_CACHE" >&2; exit 1; }
	writable "$WP_BUILD" ||
		{ echo "$WP_PROG: cannot write to all of $WP_BUILD; was it made by root? remove it" >&2; exit 1; }
	mkdir -p "$WP_LOG"
	exec 9>&2
	export WP_SAY=9 WP_SAID=$WP_LOG/.said-$$
	rm -f "$WP_LOG"/.said-*
	doing starting
	(trap - INT; heartbeat) < /dev/null > /dev/null 2>&1 &
	disown
}

# doing TEXT: notes what is done, without saying it
doing()
{
	[ -z "${WP_SAID:-}" ] || echo "$EPOCHSECONDS $WP_PROG: $*" > "$WP_SAID"
}

# heartbeat: while the first script runs, it never says nothing for much longer than WP_QUIET
# seconds, 15 by default
heartbeat()
{
	local at text before='' since=$EPOCHSECONDS

	while sleep 1 && kill -0 $$; do
		read -r at text < "$WP_SAID" || continue
		if [ "$at $text" != "$before" ]; then
			before="$at $text" since=$at
		elif [ $((EPOCHSECONDS - since)) -ge "${WP_QUIET:-15}" ]; then
			printf '%s: %s s\n' "$text" $((EPOCHSECONDS - at)) >&9
			since=$EPOCHSECONDS
		fi
	done
	rm -f "$WP_SAID"
}

say()
{
	doing "$*"
	printf '%s: %s\n' "$WP_PROG" "$*" >&9
}

die()
{
	say "$*"
	exit 1
}

# Ctrl-C ends this script whatever the command that it waits for makes of it.
trap 'trap - INT; kill -INT $$' INT
if [ -z "${WP_SAY:-}" ] || ! { true >&9; } 2> /dev/null; then
	begin
fi

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
# it does, how far it is every 14 seconds (LINES: how long the log gets, about),
# and on failure the end of the log. Of what is started with &, Ctrl-C ends only what asks for it.
run()
{
	local label=$1 total='' log pid start=$SECONDS next=3 rc=0
	shift
	if [ "$1" = -n ]; then
		total=" of about $2"
		shift 2
	fi
	log=$WP_LOG/$label.log
	(trap - INT; exec "$@") > "$log" 2>&1 < /dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if [ $((SECONDS - start)) -ge "$next" ]; then
			say "$label: $((SECONDS - start)) s, $(wc -l < "$log")$total lines"
			next=$((next + 14))
		fi
	done
	wait "$pid" || rc=$?
	if [ "$rc" != 0 ]; then
		say "$label: failed ($rc), the end of $log:"
		tail -n "${WP_TAIL:-25}" "$log" >&2
		return "$rc"
	fi
	[ $((SECONDS - start)) -lt 5 ] || say "$label: done in $((SECONDS - start)) s"
}

# missing PACKAGE...: those that are not installed; without dpkg, those whose tool is not there
missing()
{
	local pkg

	for pkg; do
		if ! command -v dpkg-query > /dev/null; then
			has_tool "$pkg" || echo "$pkg"
			continue
		fi
		case " $(dpkg-query -W -f '${db:Status-Status} ' "$pkg" 2>/dev/null)" in
		*" installed "*) ;;
		*) echo "$pkg" ;;
		esac
	done
}

# has_header NAME: the compiler finds it
has_header()
{
	gcc -fsyntax-only -x c - <<< "#include <$1>" 2> /dev/null
}

# has_tool PACKAGE: what Debian's package of that name has is there
has_tool()
{
	case $1 in
	apt) command -v apt-get ;;
	binutils) command -v nm ;;
	busybox-static) command -v busybox ;;
	coccinelle) command -v spatch ;;
	dpkg) command -v dpkg-deb ;;
	gcc-aarch64-linux-gnu) command -v aarch64-linux-gnu-gcc ;;
	kmod) command -v modinfo ;;
	libc6-dev) has_header stdio.h ;;
	libclang-rt-*) command -v clang ;;
	lld-*) command -v "ld.$1" ;;
	llvm-*) command -v "llvm-ar${1#llvm}" ;;
	libelf-dev) has_header gelf.h ;;
	libinih-dev) pkg-config --exists inih ;;
	libsmartcols-dev) pkg-config --exists smartcols ;;
	libssl-dev) has_header openssl/ssl.h ;;
	pkgconf) command -v pkg-config ;;
	procps) command -v pkill ;;
	python3-docutils) command -v rst2man || command -v rst2man.py ;;
	python3-markdown) python3 -c 'import markdown' 2> /dev/null ;;
	python3-yaml) python3 -c 'import yaml' 2> /dev/null ;;
	qemu-system-arm) command -v qemu-system-aarch64 ;;
	qemu-system-x86) command -v qemu-system-x86_64 ;;
	xz-utils) command -v xz ;;
	*) command -v "$1" ;;
	esac > /dev/null
}

# The exit status of a lane that cannot run on this machine
WP_SKIP=77

# need PACKAGE...: installs what is missing when root, else says so in one line. Without dpkg
# the tools that are there have to do, and $WP_SKIP tells that they do not.
need()
{
	local missing

	mapfile -t missing < <(missing "$@")
	[ "${#missing[@]}" = 0 ] && return
	if ! command -v dpkg-query > /dev/null; then
		say "needs what Debian calls ${missing[*]}"
		exit "$WP_SKIP"
	fi
	[ "$(id -u)" = 0 ] ||
		die "missing packages, install them with: sudo apt-get install ${missing[*]}"
	online || die "$offline; missing packages: ${missing[*]}"
	say "installing ${missing[*]}"
	(
		exec 8> /run/lock/workpool-apt
		flock 8
		# as Ctrl-C leaves it
		[ -z "$(ls /var/lib/dpkg/updates)" ] || run dpkg-configure dpkg --configure -a
		if ! install_packages "${missing[@]}" 2> /dev/null; then
			run apt-update apt-get update -qq
			install_packages "${missing[@]}"
		fi
	) || die "could not install: ${missing[*]}"
}

# What was compiled before, from the same sources with the same options, is not compiled again.
# So a clean clone at the same place takes a third of the CPU time to build the module on 6.1.
# The script needs the package ccache.
use_ccache()
{
	export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$WP_CACHE/ccache CCACHE_MAXSIZE=2G \
		CCACHE_BASEDIR=$WP_TOP CCACHE_NOHASHDIR=1
}

# need_arm64 PACKAGE...: as need, of what only the kernels for arm64 take
need_arm64()
{
	need "$@"
}

# need_clang PACKAGE...: the same of the kernels that are built with clang
need_clang()
{
	need "$@"
}

install_packages()
{
	# without a terminal of its own dpkg is ended by Ctrl-C
	WP_TAIL=5 run apt-install env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends "$@"
}

# The repositories that apt knows, also before its first update
repositories()
{
	apt-get update --print-uris | sed -n "s/^'\([^']*\)\/InRelease'.*/\1/p"
}

# online: can the first of the repositories be reached? Else $offline says why not.
online()
{
	local uri

	uri=$(repositories | head -n 1)
	offline="apt has no repository"
	[ -n "$uri" ] || return
	offline="no network: $uri cannot be reached"
	timeout --foreground 8 /usr/lib/apt/apt-helper -o Acquire::Retries=0 \
		download-file "$uri/InRelease" "$WP_LOG/InRelease" > "$WP_LOG/online.log" 2>&1
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
		# old lists are better than none
		if ! online; then
			[ -e "$dir/updated" ] || die "$offline"
			say "$offline, going on with what apt said earlier"
		elif run "apt-$state" apt-get update -qq; then
			touch "$dir/updated"
		else
			[ -e "$dir/updated" ] || return 1
		fi
	fi
}

# The mirror this machine takes its Debian packages from.
debian_mirror()
{
	local name
	name=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

	repositories | sed -n "s,dists/$name\$,,p" | head -n 1 |
		grep . || { say "apt knows no mirror for Debian $name"; return 1; }
}

# check NAME COMMAND...: one result of a lane that runs on this machine
. "$WP_VM/check.sh"
check_log=$WP_LOG/$WP_PROG
check_doing=doing

# skip NAME REASON: instead of a check, or of several
check_skipped=0
skip()
{
	check_skipped=$((check_skipped + 1))
	echo "# skipped: $1: $2"
}

# finish: the last line of such a lane, and its exit code
finish()
{
	echo "$((check_nr - check_failed)) passed, $check_failed failed, $check_skipped skipped"
	[ "$check_failed" = 0 ] && [ "$check_nr" != 0 ]
	exit
}
