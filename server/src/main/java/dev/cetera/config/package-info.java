/// From a command line and an environment to a checked [Config].
///
/// [Flags] reads arguments as Go's flag package does, with its exact error texts, against the table in
/// [ServerFlags]; [CommandLine] adds the environment and etcd's checks, and says in one [CommandLine.Outcome]
/// what the program is to do; or [ConfigFile] reads all of it from a file. What this version cannot serve is
/// refused by name, never ignored.
@NullMarked
package dev.cetera.config;

import org.jspecify.annotations.NullMarked;
