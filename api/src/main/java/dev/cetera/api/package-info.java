/// The exact texts and codes by which the server refuses; the messages themselves are in the generated
/// packages beside this one.
@NullMarked
package dev.cetera.api;

import org.jspecify.annotations.NullMarked;
