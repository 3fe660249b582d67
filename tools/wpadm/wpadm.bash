# SPDX-License-Identifier: GPL-2.0
# bash completion for wpadm(8)

# Names of pools and multis. "-" stands for no multi.
_wpadm_pools()
{
	wpadm list --noheadings --raw --output NAME,MULTI 2>/dev/null |
		tr ' ' '\n' | grep -vx -e - | sort -u
}

# The columns that the help of a command lists.
_wpadm_columns()
{
	wpadm help "$1" 2>/dev/null |
		sed -n '/^Columns/,/^$/s/^ [ *]\([A-Z][A-Z/-]*\) .*/\1/p'
}

# The settings that the help of tune lists.
_wpadm_settings()
{
	wpadm help tune 2>/dev/null | sed -n 's/^  \([a-z-]*=\)[A-Z].*/\1/p'
}

_wpadm_options()
{
	local options='--device --help --version'

	case $1 in
	'' | list)
		options+=' --json --output --noheadings --raw' ;;
	show | version)
		options+=' --json --output' ;;
	tune)
		options+=' --json --dry-run' ;;
	release)
		options+=' --json --timeout' ;;
	reboot)
		options+=' --json' ;;
	top)
		options+=' --json --output --noheadings --raw --delay --iter --batch' ;;
	prometheus)
		options+=' --output' ;;
	esac
	printf '%s' "$options"
}

# The first word that is neither an option nor the value of one.
_wpadm_command()
{
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-o | --output | -t | --timeout | -d | --delay | --iter | --device)
			((i++)) ;;
		-*) ;;
		*)
			printf '%s' "${COMP_WORDS[i]}"
			return ;;
		esac
	done
}

_wpadm()
{
	local commands='list show tune release reboot top prometheus version help'
	local current=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command words

	command=$(_wpadm_command)
	COMPREPLY=()
	case $previous in
	-o | --output)
		if [[ $command == prometheus ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
			return
		fi
		words=$(_wpadm_columns "${command:-list}") ;;
	--device)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return ;;
	-t | --timeout)
		words='1s 5s 30s forever' ;;
	-d | --delay | --iter)
		return ;;
	*)
		if [[ $current == -* ]]; then
			words=$(_wpadm_options "$command")
		else
			case $command in
			'')
				words=$commands ;;
			help)
				words=$commands ;;
			list | show | release | reboot)
				words=$(_wpadm_pools) ;;
			tune)
				if [[ $previous == tune ]]; then
					words=$(_wpadm_pools)
				else
					words=$(_wpadm_settings)
					compopt -o nospace 2>/dev/null
				fi ;;
			esac
		fi ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _wpadm wpadm
