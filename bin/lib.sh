# Shared by the scripts beside it, which source it. Sets `root`, the repository's folder.
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
# shellcheck source=bin/jvm.sh
. "$root/bin/jvm.sh"
need_jdk=25

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Major version of the JDK in folder $1; nothing if there is none. Read from its release file, because starting it is slow.
jdk_major() {
  local line
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        line=${line#JAVA_VERSION=\"}
        line=${line%%[!0-9]*}
        printf '%s' "$line"
        return
        ;;
    esac
  done <"$1/release"
}

# Exports JAVA_HOME: the one given if it is new enough, else any JDK of the machine that is.
find_jdk() {
  local dir major on_path
  on_path=$(command -v javac || true)
  [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for dir in "${JAVA_HOME:-}" /usr/lib/jvm/*"$need_jdk"* "$on_path" /usr/lib/jvm/* /opt/*jdk* "${HOME:-}"/.sdkman/candidates/java/* \
    "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$dir" ] || continue
    major=$(jdk_major "$dir")
    if [ "${major:-0}" -ge "$need_jdk" ]; then
      export JAVA_HOME=$dir
      return
    fi
  done
  die "Cetera needs a JDK $need_jdk or newer, and none was found in JAVA_HOME, on the PATH, in /usr/lib/jvm, /opt or ~/.sdkman." \
    "Install one, for example Eclipse Temurin $need_jdk (Debian package temurin-$need_jdk-jdk) or openjdk-$need_jdk-jdk;" \
    "or set JAVA_HOME to where it is."
}

# Runs Maven under the JDK that was found. Its own libraries use what newer JDKs warn about, hence the option.
maven() {
  command -v mvn >/dev/null || die "Maven is needed to build Cetera: apt-get install maven (3.8 or newer)."
  MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow" mvn -B -ntp -Dstyle.color=never -f "$root/pom.xml" "$@"
}

# Of Maven's output: what is under way, and what is wrong.
maven_progress() {
  awk '/Building Cetera [a-z]/ { sub(/^\[INFO\] Building /, ""); print "  " $0; fflush() }
       /^\[ERROR\]|^\[FATAL\]|^\[WARNING\] .*\.java:|^Error|^The JAVA_HOME/ { print; fflush() }'
}

# True when module $1 was built after the last change. A deleted file shows as a change of its folder.
up_to_date() {
  local stamp=$root/$1/target/.built folders=(./*/src/main)
  # It has fakes and benches of theirs.
  [ "$1" != lab ] || folders+=(raft/src/test storage/src/test state/src/test)
  [ -e "$stamp" ] &&
    [ -z "$(cd "$root" && find pom.xml ./*/pom.xml "${folders[@]}" -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# Runs the rest of its arguments while no other script builds here: who comes second waits, and then finds the work done.
alone() {
  exec 9<"$root/pom.xml"
  if command -v flock >/dev/null && ! flock -n 9; then
    echo "waiting for another build to end" >&2
    flock 9
  fi
  "$@"
  exec 9<&-
}

# Builds module $1 (its jar and the jars it needs in target/lib) when sources have changed since it was built last.
# CETERA_BUILD=never takes what is there.
build() {
  if [ "${CETERA_BUILD:-}" = never ] || up_to_date "$1"; then
    [ -e "$root/$1/target/cetera-$1.jar" ] ||
      die "$root/$1/target/cetera-$1.jar is missing; unset CETERA_BUILD to have it built."
    return
  fi
  alone build_unless_done "$1"
}

# Server and command line are always built together, or one would take the other's jars away.
build_unless_done() {
  local modules=(server ctl) module
  ! up_to_date "$1" || return 0
  [ "$1" != lab ] || modules+=(lab)
  echo "building Cetera (only after a change; the first time Maven also downloads what it needs)" >&2
  for module in "${modules[@]}"; do
    mkdir -p "$root/$module/target"
    : >"$root/$module/target/.building"
    # Removed, not overwritten: a server that runs on the old jars keeps them until it ends.
    rm -rf "$root/$module/target/lib"
  done
  rm -rf "$root"/*/target/cetera-*.jar "$root"/*/target/.built
  (set -o pipefail && maven -pl "$(IFS=, && echo "${modules[*]}")" -am package -DskipTests -Dspotless.check.skip=true 2>&1 |
    maven_progress >&2) || die "the build failed; run it in full with: bin/test"
  for module in "${modules[@]}"; do
    mv "$root/$module/target/.building" "$root/$module/target/.built"
  done
}
