# The parts as processes: started, known, stopped. Used by ../kube; $state is the folder of the cluster.

# A process is known by its id and its start time, so that a reused id is never signalled.
# One that has ended and waits for its parent counts as gone.
started_at() { local stat; { stat=$(<"/proc/$1/stat"); } 2>/dev/null && set -- ${stat##*) } && [[ $1 != [ZX] ]] && printf '%s' "${20}"; }

alive() {
	local pid since
	[[ -f $state/pids/$1 ]] && read -r pid since <"$state/pids/$1" && [[ -n $since && $(started_at "$pid") == "$since" ]]
}

start() { # NAME COMMAND...   the command is kept, for start_again
	local name=$1
	shift
	printf '%q ' "$@" >"$state/pids/$name.command"
	setsid nohup "$@" >>"$state/logs/$name.log" 2>&1 </dev/null &
	printf '%s %s\n' $! "$(started_at $!)" >"$state/pids/$name"
}

start_again() {
	local name=$1 words
	alive "$name" && return 0
	[[ -f $state/pids/$name.command ]] || die "$name was never started"
	eval "words=($(<"$state/pids/$name.command"))"
	start "$name" "${words[@]}"
}

stop() {
	local name pid since
	for name; do
		if alive "$name"; then read -r pid since <"$state/pids/$name" && kill -TERM "$pid" || :; fi
	done
	for name; do
		for ((i = 0; i < 200; i++)); do
			alive "$name" || break
			if ((i == 40)); then read -r pid since <"$state/pids/$name" && kill -KILL "$pid" || :; fi
			sleep 0.05
		done
		rm -f "$state/pids/$name"
	done
}

wait_for() { # WHAT SECONDS COMMAND...
	local what=$1 limit=$2 since=$SECONDS
	shift 2
	until "$@" >/dev/null 2>&1; do
		((SECONDS - since < limit)) || die "$what: not within $limit s; see $state/logs"
		sleep 0.1
	done
}
