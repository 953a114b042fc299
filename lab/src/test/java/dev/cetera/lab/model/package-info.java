/// The model against what etcd's documents say.
@NullMarked
package dev.cetera.lab.model;

import org.jspecify.annotations.NullMarked;
