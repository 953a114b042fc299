/// The clients of a rehearsal. Once after a build the program is started and kept busy, for the JVM to note
/// what a start needs and which code is hot; `bin/jvm.sh` runs it, and keeps the notes as an AOT cache.
/// Nothing here runs in a member that serves.
@NullMarked
package dev.cetera.rehearsal;

import org.jspecify.annotations.NullMarked;
