package dev.cetera.lab.work;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The ways to all members.
@FunctionalInterface
public interface Doors {
    /// Some way to somebody, who need not answer; null when there is nobody to ask now.
    @Nullable
    Door any(Random random);
}
