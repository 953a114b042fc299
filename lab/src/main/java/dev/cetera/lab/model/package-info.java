/// What the store must be, written to be obvious and never to change: [dev.cetera.lab.model.State] is one
/// moment of it, a request makes the next one and an outcome.
@NullMarked
package dev.cetera.lab.model;

import org.jspecify.annotations.NullMarked;
