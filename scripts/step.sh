# shellcheck shell=sh
# Sourced by every script. Goes to the repository's root, puts the project's own tools first on PATH, and gives
#   step NAME SECONDS COMMAND...                runs COMMAND; its output goes to .build/log/NAME.log
#   shown NAME SECONDS COMMAND...               the same, and prints the output as it comes (tests)
#   once NAME SECONDS OUTPUT INPUTS COMMAND...  a step only if OUTPUT is missing or the files under INPUTS changed
#   skip NAME WHY                               says that a step is left out on this system, in the list of steps too
#   say TEXT                                    one line
#   fail TEXT                                   one line on standard error, then the end
# SECONDS is what the step takes on two cores with nothing built yet; a step that takes far longer is stopped.
set -eu

cd "$(dirname -- "$0")/.."
root=$PWD
case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    MINGW* | MSYS* | CYGWIN*) system=windows ;;
    *) system=unknown ;;
esac
# Where a virtual environment has its programs.
if [ "$system" = windows ]; then bin=Scripts; else bin=bin; fi
target=${CARGO_TARGET_DIR:-$root/target}
PATH=$root/.venv/$bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
PIP_CONSTRAINT=$root/tests/constraints.txt
PIP_DISABLE_PIP_VERSION_CHECK=1
unset VIRTUAL_ENV
# All variables of this machine's Python: a user's machine has none of them. PYTHONUNBUFFERED, for one, hides what is held back.
for variable in $(env | sed -n 's/^\(PYTHON[A-Z0-9_]*\)=.*/\1/p'); do unset "$variable"; done
PYTHONDONTWRITEBYTECODE=1
# All output goes to logs, and tests read the words of tools, which many tools colour where `CI` is set.
unset FORCE_COLOR CLICOLOR_FORCE PY_COLORS
NO_COLOR=1
export CARGO_TARGET_DIR="$target" PATH PIP_CONSTRAINT PIP_DISABLE_PIP_VERSION_CHECK PYTHONDONTWRITEBYTECODE NO_COLOR
mkdir -p .build/log .build/stamp

# The script that a person called starts the list of steps; those that it calls add to it.
if [ -z "${STEPS_LIST-}" ]; then
    export STEPS_LIST="$root/.build/steps"
    : >"$STEPS_LIST"
fi

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "$0" "$*" >&2
    exit 1
}

{ timeout --version && tail --version; } >/dev/null 2>&1 ||
    fail 'no GNU coreutils here; on macOS: brew install coreutils findutils gnu-sed, and put libexec/gnubin of each first on PATH'

step() { run_step quiet "$@"; }

shown() { run_step shown "$@"; }

skip() {
    printf '        skipped %s: %s\n' "$1" "$2" >>"$STEPS_LIST"
    say "$1: skipped: $2"
}

once() {
    once_name=$1 once_seconds=$2 once_output=$3 once_inputs=$4
    shift 4
    once_stamp=.build/stamp/$(slug "$once_name")
    # shellcheck disable=SC2086 # INPUTS is a list of paths without blanks
    once_digest=$(digest "$*" $once_inputs)
    if [ -e "$once_output" ] && [ "$(cat "$once_stamp" 2>/dev/null)" = "$once_digest" ]; then return 0; fi
    rm -f "$once_stamp"
    run_step quiet "$once_name" "$once_seconds" "$@" || return
    printf '%s\n' "$once_digest" >"$once_stamp"
}

run_step() {
    how=$1 name=$2 seconds=$3
    shift 3
    log=.build/log/$(slug "$name").log
    limit=$((seconds * 8 + 120))
    began=$(date +%s)
    [ "$seconds" -lt 10 ] || say "$name: up to $(duration "$seconds") ..."
    : >"$log"
    # A job of its own group that cannot read the terminal, so that an interrupt ends all of it and nothing waits.
    timeout --kill-after=20 "$limit" "$@" >"$log" 2>&1 </dev/null &
    job=$!
    follower=
    trap 'kill "$job" $follower 2>/dev/null; exit 130' INT TERM HUP
    if [ "$how" = shown ]; then
        tail -n +1 -f -s 0.2 --pid="$job" "$log" &
        follower=$!
    elif [ -t 1 ]; then
        tick "$name" "$began" &
        follower=$!
    fi
    status=0
    wait "$job" || status=$?
    if [ "$how" = quiet ] && [ -n "$follower" ]; then
        kill "$follower" 2>/dev/null || :
        wait "$follower" 2>/dev/null || :
        printf '\r\033[K'
    elif [ -n "$follower" ]; then
        wait "$follower" || :
    fi
    trap - INT TERM HUP
    took=$(($(date +%s) - began))
    if [ "$status" -eq 0 ]; then
        printf '%6d s  ok      %s\n' "$took" "$name" >>"$STEPS_LIST"
        say "$name: done in $(duration "$took")"
        return 0
    fi
    printf '%6d s  FAILED  %s\n' "$took" "$name" >>"$STEPS_LIST"
    reason="exit code $status"
    [ "$status" -ne 124 ] || reason="stopped at its limit"
    printf 'FAILED: %s (%s after %s), log: %s\n' "$name" "$reason" "$(duration "$took")" "$log" >&2
    [ "$how" = shown ] || tail -n 20 "$log" >&2
    return "$status"
}

tick() {
    while kill -0 "$$" 2>/dev/null; do
        printf '\r\033[K%s: %s' "$1" "$(duration $(($(date +%s) - $2)))"
        sleep 1
    done
}

duration() {
    if [ "$1" -lt 120 ]; then printf '%d s' "$1"; else printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); fi | sed 's/ 0 s$//'
}

slug() { printf %s "$1" | tr -cs 'A-Za-z0-9.' -; }

# The checksum of a command and of the files it reads; what is built or fetched does not count.
digest() {
    digest_command=$1
    shift
    {
        printf '%s\n' "$digest_command"
        find "$@" -type d \( -name node_modules -o -name dist -o -name dist-js -o -name src-tauri -o -name '.*cache' \
            -o -name __pycache__ \) -prune -o -type f -print | LC_ALL=C sort | xargs -d '\n' sha256sum
    } | sha256sum
}

# version_at_least HAVE WANT
version_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }
