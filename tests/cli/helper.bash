# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # run sets status, output and lines
#
# What the tests of wpadm share. WPADM names the program; without it, it is
# looked for in the source tree. FAKE names the library made of fake.c.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
WPADM=${WPADM:-$TOP/tools/wpadm/wpadm}

wpadm()
{
	"$WPADM" "$@"
}

# for_everybody: a new directory with a wpadm that any user can run. The tree may be in a
# place that only root can read.
for_everybody()
{
	local dir

	dir=$(mktemp -d)
	cp "$WPADM" "$dir/wpadm"
	chmod 0755 "$dir" "$dir/wpadm"
	echo "$dir"
}

# fake_device LINE...: what fake.c makes a device of
fake_device()
{
	[ -e "${FAKE:-}" ] || skip "needs FAKE: tests/lanes/cli builds it"
	printf '%s\n' "$@" > "$BATS_TEST_TMPDIR/device"
}

# fake ARGUMENT...: wpadm with that device
fake()
{
	env LD_PRELOAD="$FAKE" "$WPADM" --device "$BATS_TEST_TMPDIR/device" "$@"
}

# assert_status N: run ended with exit status N
assert_status()
{
	[ "$status" -eq "$1" ] || {
		echo "exit status $status instead of $1, output:"
		echo "$output"
		return 1
	}
}

# assert_line TEXT: this is one of the lines
assert_line()
{
	local line

	for line in "${lines[@]}"; do
		[ "$line" != "$1" ] || return 0
	done
	echo "no line '$1' in:"
	echo "$output"
	return 1
}

# assert_has TEXT: this is somewhere in the output
assert_has()
{
	[[ $output == *"$1"* ]] || {
		echo "no '$1' in:"
		echo "$output"
		return 1
	}
}

# assert_error N TEXT: failed with N and one line from wpadm that has TEXT
assert_error()
{
	assert_status "$1" || return 1
	assert_has "$2" || return 1
	[[ ${#lines[@]} -eq 1 && $output == wpadm:\ * ]] || {
		echo "not one line from wpadm:"
		echo "$output"
		return 1
	}
}

# beside wpadm is what is made with it: completions, man pages
made()
{
	echo "$(dirname "$WPADM")/$1"
}

# complete_words WORD...: what bash completion offers for the last word
complete_words()
{
	# shellcheck source=/dev/null # it is made by the build
	source "$(made wpadm.bash)"
	PATH=$(dirname "$WPADM"):$PATH
	COMP_WORDS=(wpadm "$@")
	COMP_CWORD=$#
	_wpadm
	printf '%s\n' "${COMPREPLY[@]}"
}

# stand_in: for shells, a wpadm that knows three pools and prints its arguments
stand_in()
{
	cat <<'EOF'
wpadm()
{
	case "$*" in
	"list --noheadings"*) printf "%s\n" "cli-pool -" "m.zero m" "m.one m" ;;
	*) printf "<%s>" "$@"; echo; exit ;;
	esac
}
EOF
}

# typed_in SHELL TYPED: the arguments that wpadm gets when that is typed there, where \t is Tab
typed_in()
{
	local dir=$BATS_TEST_TMPDIR/shell

	mkdir -p "$dir"
	case $1 in
	bash)
		{ echo "PS1="; cat "$(made wpadm.bash)"; stand_in; } > "$dir/bashrc"
		set -- "$2" bash --noprofile --rcfile "$dir/bashrc" -i
		;;
	zsh)
		cp "$(made wpadm.zsh)" "$dir/_wpadm"
		{
			echo "fpath=('$dir' \$fpath); autoload -U compinit; compinit -D -u; PS1="
			stand_in
		} > "$dir/.zshrc"
		set -- "$2" env "ZDOTDIR=$dir" zsh -d -i
		;;
	esac
	"$TOP/tests/cli/terminal" 200 "$1\n" "${@:2}" | grep -aoE '<.*>' | tail -n 1
}
