# How the JVM is started: for each program its options with their reasons, its class path, and its AOT cache.
# Sourced by lib.sh.

# Sets `jvm`, the options of program $1.
jvm_options() {
  jvm=(
    # The JVM's counters are a mapped file in /tmp; writing it back can stall every thread when that disk is busy.
    -XX:-UsePerfData
    # The bolt file is mapped through the foreign memory API, and Netty loads its own transport.
    --enable-native-access=ALL-UNNAMED
    # Netty and protobuf use Unsafe where it is the faster way; the JVM would warn about it at every start.
    --sun-misc-unsafe-memory-access=allow
  )
  case $1 in
    server)
      jvm+=(
        # A small server machine would silently get the serial collector, whose full collections stop a member for seconds.
        -XX:+UseG1GC
        # The collector may have a fifth of the processor time before it takes more memory for itself, keeps little of what
        # is free, and pauses for shorter than it would: half the memory under load, at the same number of puts.
        -XX:MaxGCPauseMillis=50 -XX:GCTimeRatio=4 -XX:MinHeapFreeRatio=15 -XX:MaxHeapFreeRatio=40
        # What a load has left behind is given back after it, too.
        -XX:G1PeriodicGCInterval=300000
        # Smaller objects: the key index is millions of them.
        -XX:+UseCompactObjectHeaders
        # Half a member is worse than none: the other members take over from one that has ended.
        -XX:+ExitOnOutOfMemoryError
        # Netty writes down where each 128th buffer came from, to tell of leaks: an exception's cost each, seven times.
        -Dio.netty.leakDetection.level=disabled
        # Netty's events for Flight Recorder load all of the recorder at the start, whether something is recorded or not.
        -Dio.netty.jfr.enabled=false
      )
      ;;
    ctl)
      jvm+=(
        # It runs for a moment: threads that collect garbage, and the slower of the two compilers, cost more than they bring.
        -XX:+UseSerialGC -XX:TieredStopAtLevel=1
        # As above; here Netty is the one within grpc-netty-shaded.
        -Dio.grpc.netty.shaded.io.netty.jfr.enabled=false
      )
      ;;
    lab)
      # A load generator shares the machine with the servers: little heap, no collector threads of its own. What simulates
      # has the machine to itself, and what checks histories searches. What is broken on purpose is loaded anew each time and
      # runs for seconds: too short for the better compiler.
      case ${2:-} in
        sim) jvm+=(-XX:+UseParallelGC -XX:MaxRAMPercentage=50) ;;
        mutations) jvm+=(-XX:+UseParallelGC -XX:TieredStopAtLevel=1 -Xmx4g) ;;
        campaign) jvm+=(-XX:+UseSerialGC -Xmx2g) ;;
        # The hot classes of a server, with its collector: barriers cost, too.
        micro) jvm+=(-XX:+UseG1GC -Xmx1500m) ;;
        *) jvm+=(-XX:+UseSerialGC -Xmx512m) ;;
      esac
      jvm+=(-XX:+UseCompactObjectHeaders -Dio.netty.eventLoopThreads=2 -Dcetera.root="$root")
      ;;
  esac
}

# Sets `class_path` of module $1: its jar, then the others in one order, whatever the locale; the cache depends on it.
class_path() {
  local LC_ALL=C jars
  jars=("$root/$1/target/cetera-$1.jar" "$root/$1/target/lib/"*.jar)
  local IFS=:
  class_path=${jars[*]}
}

# ---- The AOT cache: classes as they are after loading and linking, and what the JVM noted of the code that ran most, made by
# a rehearsal of the program. It halves the processor time of a start and more. It belongs to one JDK, these options and these jars. The JVM checks that too, and goes
# on without a cache that does not fit; here it is found out beforehand, so that a new one is made.

# Sets `cache_for`, what a cache has to be made for, besides the jars: the JDK, where all this is, and `jvm`.
cache_for() {
  local line release=
  while IFS= read -r line; do
    case $line in JAVA_RUNTIME_VERSION=* | IMPLEMENTOR=* | OS_ARCH=*) release+="$line " ;; esac
  done <"$JAVA_HOME/release"
  cache_for="$release$JAVA_HOME $root ${jvm[*]}"
}

# True when the rehearsal of module $1 has been tried for what is there now. That it failed is a result too.
rehearsed() {
  local made_for='' note=$root/$1/target/cetera-$1.rehearsed jar
  [ -r "$note" ] && IFS= read -r made_for <"$note" && [ "$made_for" = "$cache_for" ] || return 1
  for jar in "$root/$1/target/cetera-$1.jar" "$root/$1/target/lib/"*.jar; do
    [ ! "$jar" -nt "$note" ] || return 1
  done
}

# Adds the cache of module $1 to `jvm` if there is one that fits, and makes it first if that has not been tried.
# A program starts without one just as well, only later.
use_cache() {
  local cache=$root/$1/target/cetera-$1.aot
  # The JVM doesn't take a cache beside an archive of another kind.
  case "${CETERA_JAVA_OPTS:-} ${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${_JAVA_OPTIONS:-}" in
    *-Xshare* | *-XX:SharedArchiveFile* | *-XX:AOT*) return 0 ;;
  esac
  cache_for
  if ! rehearsed "$1"; then
    [ "${CETERA_BUILD:-}" != never ] && [ -w "$root/$1/target" ] || return 0
    alone rehearse_unless_done "$1"
  fi
  # No word of a cache that the JVM itself turns down, because of CETERA_JAVA_OPTS for instance.
  [ -e "$cache" ] || return 0
  jvm+=("-XX:AOTCache=$cache" -Xlog:aot*=off,cds*=off)
  # Bytes that have turned on the disk would be code that runs, or a member that crashes at each start: it looks at their
  # checksums first, which takes it a tenth of a second, and goes on without a cache. A command would need half as long again.
  [ "$1" != server ] || jvm+=(-XX:+VerifySharedSpaces)
}

rehearse_unless_done() {
  rehearsed "$1" && return 0
  echo "rehearsing the start of $1, to make it quicker (once after a build)" >&2
  rm -f "$root/$1/target/cetera-$1.aot" "$root/$1/target/cetera-$1.rehearsed"
  if ! "rehearse_$1"; then
    rm -f "$root/$1/target/new.aot"
    echo "the rehearsal failed (see $root/$1/target/rehearsal.log): starts take longer, nothing else" >&2
  fi
  printf '%s\n' "$cache_for" >"$root/$1/target/cetera-$1.rehearsed"
}

rehearse_server() {
  with_member "-XX:AOTCacheOutput=$root/server/target/new.aot" exercise_server_at && keep_cache server
}

# $1: where a member serves, which is kept busy for some seconds: what the JVM has noted of the hot code by then, it compiles
# by from the first second on.
exercise_server_at() {
  local jvm class_path
  jvm_options ctl
  class_path server
  "$JAVA_HOME/bin/java" "${jvm[@]}" -Dio.netty.jfr.enabled=false -cp "$class_path" dev.cetera.rehearsal.Exercise "$1" </dev/null \
    >>"$root/server/target/rehearsal.log" 2>&1
}

rehearse_ctl() {
  with_member -Xlog:disable rehearse_ctl_at && keep_cache ctl
}

# A cache with a hole in it, after a loss of power, would not be noticed by a command: it is synced first.
keep_cache() {
  sync "$root/$1/target/new.aot" && mv -f "$root/$1/target/new.aot" "$root/$1/target/cetera-$1.aot"
}

# $1: where a member serves.
rehearse_ctl_at() {
  local jvm class_path target=$root/ctl/target
  jvm_options ctl
  class_path ctl
  rm -rf "$target/rehearsal" && mkdir "$target/rehearsal" &&
    (unset "${!ETCDCTL_@}" && cd "$target/rehearsal" && exec "$JAVA_HOME/bin/java" "${jvm[@]}" "-XX:AOTCacheOutput=$target/new.aot" \
      -cp "$class_path" dev.cetera.ctl.Rehearsal "$1") </dev/null >"$target/rehearsal.log" 2>&1 &&
    rm -rf "$target/rehearsal"
}

# Starts a member in the build's folder on ports that are free, with option $1 of the JVM; calls the rest with its address,
# and ends it by closing its input. True if all went well.
with_member() {
  local jvm class_path pid address='' good=yes target=$root/server/target option=$1
  shift
  jvm_options server
  class_path server
  rm -rf "$target/rehearsal"
  mkdir "$target/rehearsal" || return 1
  mkfifo "$target/rehearsal/in" "$target/rehearsal/out" || return 1
  "$JAVA_HOME/bin/java" "${jvm[@]}" "$option" -cp "$class_path" dev.cetera.embed.Rehearsal "$target/rehearsal" \
    <"$target/rehearsal/in" >"$target/rehearsal/out" 2>"$target/rehearsal.log" &
  pid=$!
  exec 7>"$target/rehearsal/in" 8<"$target/rehearsal/out"
  # Nothing comes if it ends by itself, which it does when it takes too long.
  { read -r address <&8 && [ "${address%:*}" = 127.0.0.1 ] && "$@" "$address"; } || good=no
  exec 7>&-
  cat <&8 >/dev/null # what the JVM says while it writes the cache
  wait "$pid" || good=no
  exec 8<&-
  rm -rf "$target/rehearsal"
  [ $good = yes ]
}
